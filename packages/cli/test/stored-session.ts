import { join } from "node:path";
import {
  builtInTools,
  KodaAgent,
  type KodaSession,
  type LlmProvider,
  openSession,
  openSqliteStore,
  type Runner,
  type StreamPart,
} from "@koda/core";
import type { ScriptStep } from "@koda/providers/testing";
import { expect } from "vitest";
import type { Place } from "./run-koda.ts";

/** A session of the place that this process has open, as any process of Koda would. */
export interface HeldSession extends AsyncDisposable {
  readonly id: string;
}

/**
 * Stores a turn in the place's database, for a test that needs a session and not the making of it: no program is
 * started, no server is asked, no command runs. The id of its session, which is a new one unless `resume` names it.
 */
export async function storeTurn(
  place: Place,
  prompt: string,
  steps: readonly ScriptStep[],
  resume?: string,
): Promise<string> {
  await using held = await open(place, steps, resume);
  for await (const event of held.session.runTurn(prompt)) {
    if (event.type === "turn-end") expect(event.outcome).toMatchObject({ kind: "complete" });
  }
  return held.id;
}

/** Opens a session and keeps it, so that it is nobody else's to write to until this is disposed of. */
export function holdSession(place: Place, resume: string): Promise<HeldSession> {
  return open(place, [], resume);
}

async function open(
  { home, project }: Place,
  steps: readonly ScriptStep[],
  resume: string | undefined,
): Promise<HeldSession & { readonly session: KodaSession }> {
  await using stack = new AsyncDisposableStack();
  const store = stack.adopt(openSqliteStore(join(home, ".local", "share", "koda", "koda.db")), (it) => it.close());
  const session = stack.use(
    await openSession({
      agent: KodaAgent.create({ projectRoot: project, tools: builtInTools() }),
      store,
      provider: createScripted(steps),
      runner: quietRunner,
      pathGuard: { check: () => ({ kind: "allow" }) },
      mode: "auto",
      proxy: null,
      socks5Proxy: null,
      approvals: "reject",
      resume,
    }),
  );
  const owned = stack.move();
  return { id: session.id, session, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Answers with the steps in order. It goes by the names that the program has for a scripted server. */
function createScripted(steps: readonly ScriptStep[]): LlmProvider {
  let asked = 0;
  return {
    id: "openai",
    model: "scripted",
    async *stream(): AsyncGenerator<StreamPart, void> {
      const step = steps[asked];
      asked += 1;
      if (step === undefined) throw new Error(`the script has no answer number ${asked}`);
      yield* toParts(step, asked);
    },
  };
}

function* toParts({ text, toolCalls = [] }: ScriptStep, asked: number): Generator<StreamPart, void> {
  if (text !== undefined) yield { type: "text-delta", text };
  for (const [index, { name, arguments: input }] of toolCalls.entries()) {
    const callId = `call_${asked}_${index}`;
    yield { type: "tool-call-start", callId, name };
    yield { type: "tool-call", callId, name, argumentsJson: typeof input === "string" ? input : JSON.stringify(input) };
  }
  yield { type: "usage", inputTokens: 100, outputTokens: 10, cacheReadTokens: 0, thinkingTokens: 0 };
  yield { type: "finish", reason: toolCalls.length === 0 ? "stop" : "tool-calls" };
}

/** Runs nothing: `exit 3` has failed with 3, and any other command has succeeded without a word. */
const quietRunner: Runner = {
  enforcement: "kernel",
  run: async ({ command }) => ({
    exitCode: Number(/^exit (\d+)$/.exec(command)?.[1] ?? 0),
    signal: null,
    isTimedOut: false,
    output: "",
    durationMs: 0,
    violations: [],
  }),
};
