import { setTimeout as delay } from "node:timers/promises";
import type {
  FinishReason,
  LlmFailure,
  LlmProvider,
  ModelRequest,
  StreamPart,
  TokenUsage,
} from "../../src/ports/llm-provider.ts";

/** One answer of the model, part by part in this order. */
export interface ScriptedAnswer {
  readonly thinking?: string;
  /** Each one is a delta. */
  readonly text?: readonly string[] | string;
  readonly calls?: readonly { readonly name: string; readonly input?: unknown; readonly argumentsJson?: string }[];
  readonly usage?: TokenUsage;
  /** Before each text delta. */
  readonly delayMs?: number;
  /** Absent: as fits. `none`: the stream ends without a last part. `hang`: it never ends and ignores the signal. */
  readonly finish?: FinishReason | "none" | "hang";
  /** Thrown after everything else. */
  readonly failure?: LlmFailure;
}

export type Script = readonly (ScriptedAnswer | ((request: ModelRequest) => ScriptedAnswer))[];

/** A provider that answers from a script, and keeps what it was asked. */
export class ScriptedProvider implements LlmProvider {
  readonly id: string;
  readonly model: string;
  readonly requests: ModelRequest[] = [];
  readonly #script: Script;

  constructor(script: Script, { id = "scripted", model = "script-1" }: { id?: string; model?: string } = {}) {
    this.#script = script;
    this.id = id;
    this.model = model;
  }

  async *stream(request: ModelRequest): AsyncGenerator<StreamPart, void> {
    const step = this.#script[this.requests.length];
    // What the engine does to its arrays later must not change what was asked.
    this.requests.push(structuredClone(request));
    if (step === undefined) throw { code: "bad_request", message: "the script is at its end" } satisfies LlmFailure;
    const answer = typeof step === "function" ? step(request) : step;
    if (answer.thinking !== undefined) yield { type: "thinking-delta", text: answer.thinking };
    for (const text of typeof answer.text === "string" ? [answer.text] : (answer.text ?? [])) {
      if (answer.delayMs !== undefined) await delay(answer.delayMs);
      yield { type: "text-delta", text };
    }
    for (const [index, call] of (answer.calls ?? []).entries()) {
      // Some servers number the calls of every answer from zero: the engine must not rely on these ids.
      const callId = `call_${index}`;
      yield { type: "tool-call-start", callId, name: call.name };
      const argumentsJson = call.argumentsJson ?? JSON.stringify(call.input ?? {});
      yield { type: "tool-call", callId, name: call.name, argumentsJson };
    }
    if (answer.usage !== undefined) yield { type: "usage", ...answer.usage };
    if (answer.failure !== undefined) throw answer.failure;
    if (answer.finish === "hang") await new Promise(() => undefined);
    if (answer.finish === "none" || answer.finish === "hang") return;
    yield { type: "finish", reason: answer.finish ?? (answer.calls === undefined ? "stop" : "tool-calls") };
  }
}
