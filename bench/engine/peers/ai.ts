import { z } from "zod";
import {
  type Answer,
  answersOf,
  type Conversation,
  type OpenPeer,
  PROMPT,
  SYSTEM_PROMPT,
  WORD,
} from "../conversation.ts";
import { findPeerFile } from "../peers.ts";

/** The parts of `ai` 7 that are used here; it is no dependency, so its types are not to be had. */
interface Ai {
  streamText(options: Record<string, unknown>): {
    readonly stream: AsyncIterable<{ readonly type: string; readonly error?: unknown }>;
    readonly responseMessages: PromiseLike<readonly unknown[]>;
    readonly finishReason: PromiseLike<string>;
  };
  tool(options: Record<string, unknown>): unknown;
  isStepCount(count: number): unknown;
}

/** `streamText` with a mock model, and the messages kept by hand from turn to turn. */
export const open: OpenPeer = async () => {
  const ai = (await import(findPeerFile("ai/dist/index.js"))) as Ai;
  return { converse: async () => converse(ai) };
};

function converse(ai: Ai): Conversation {
  const answers: Answer[] = [];
  const messages: unknown[] = [];
  const model = createModel(answers);
  const tools = {
    Noop: ai.tool({
      description: "Does nothing.",
      inputSchema: z.object({ index: z.number().optional() }),
      execute: async () => "ok",
    }),
  };
  const run = async (next: readonly Answer[]): Promise<{ ownMs: null; events: number }> => {
    answers.push(...next);
    messages.push({ role: "user", content: PROMPT });
    const stopWhen = ai.isStepCount(20);
    const result = ai.streamText({ model, instructions: SYSTEM_PROMPT, messages: [...messages], tools, stopWhen });
    let events = 0;
    for await (const part of result.stream) {
      events += 1;
      if (part.type === "error") throw part.error;
    }
    const reason = await result.finishReason;
    if (reason !== "stop") throw new Error(`a turn ended as ${reason}`);
    messages.push(...(await result.responseMessages));
    return { ownMs: null, events };
  };
  return {
    turn: (calls) => run(answersOf(calls)),
    stream: async (deltas) => {
      await run([{ kind: "text", deltas }]);
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}

function createModel(answers: Answer[]): unknown {
  return {
    specificationVersion: "v4",
    provider: "scripted",
    modelId: "script-1",
    supportedUrls: {},
    doStream: async () => {
      const answer = answers.shift();
      if (answer === undefined) throw new Error("the script is at its end");
      const parts = toParts(answer);
      const stream = new ReadableStream({
        pull: (controller) => {
          const next = parts.next();
          if (next.done === true) controller.close();
          else controller.enqueue(next.value);
        },
      });
      return { stream };
    },
  };
}

function* toParts(answer: Answer): Generator<Record<string, unknown>> {
  yield { type: "stream-start", warnings: [] };
  if (answer.kind === "calls") {
    for (let index = 0; index < answer.count; index += 1) {
      yield { type: "tool-call", toolCallId: `call_${index}`, toolName: "Noop", input: `{"index":${index}}` };
    }
  } else {
    yield { type: "text-start", id: "1" };
    for (let count = 0; count < answer.deltas; count += 1) yield { type: "text-delta", id: "1", delta: WORD };
    yield { type: "text-end", id: "1" };
  }
  const unified = answer.kind === "calls" ? "tool-calls" : "stop";
  yield {
    type: "finish",
    finishReason: { unified, raw: unified },
    usage: {
      inputTokens: { total: 20_000, noCache: 20_000, cacheRead: 0, cacheWrite: 0 },
      outputTokens: { total: 10, text: 10, reasoning: 0 },
    },
  };
}
