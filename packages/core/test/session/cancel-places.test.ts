import { afterEach, beforeEach, expect, test } from "vitest";
import type { EngineEvent } from "../../src/events/engine-event.ts";
import { HookEngine } from "../../src/hooks/hook-engine.ts";
import type { KodaSession } from "../../src/session/koda-session.ts";
import { findGrammarFault } from "../fakes/event-grammar.ts";
import { createProbeTool } from "../fakes/probe-tool.ts";
import { type Script, ScriptedProvider } from "../fakes/scripted-provider.ts";
import { collect, Workbench } from "../fakes/workbench.ts";

let bench: Workbench;
beforeEach(() => {
  bench = new Workbench();
});
afterEach(() => bench[Symbol.asyncDispose]());

const forever = (): Promise<never> => new Promise(() => undefined);
const call: Script[number] = { calls: [{ name: "Probe", input: { value: "x" } }] };
const ran: string[] = [];
const tools = [
  createProbeTool({
    effect: "local-mutation",
    execute: ({ value }) => {
      ran.push(value);
      return { text: "ran", isError: false };
    },
  }),
];
beforeEach(() => {
  ran.length = 0;
});

/** Hooks of which the one for `event` never answers, and says when it is asked. */
function hangingHooks(event: "before-tool" | "before-generate", onAsked: () => void): readonly HookEngine[] {
  const engine = new HookEngine();
  engine.register({
    name: "slow",
    event,
    role: "guard",
    run: () => {
      onAsked();
      return forever();
    },
  });
  return [engine];
}

type Options = Parameters<Workbench["open"]>[1];

/** Where a turn hangs: what the session is opened with, and what is told when it does. */
const places: Readonly<
  Record<string, (hangs: () => void) => { script: Script; options?: Options; prepare?: (session: KodaSession) => void }>
> = {
  "while a guard of a call hangs": (hangs) => ({
    script: [call],
    options: { hooks: hangingHooks("before-tool", hangs) },
  }),
  "while a guard of a request hangs": (hangs) => ({
    script: [call],
    options: { hooks: hangingHooks("before-generate", hangs) },
  }),
  "while a context provider hangs": (hangs) => ({
    script: [call],
    options: {
      contextProviders: [
        {
          name: "slow",
          query: () => {
            hangs();
            return forever();
          },
        },
      ],
    },
  }),
  "while a plan is made": (hangs) => ({
    script: [
      () => {
        hangs();
        return { finish: "hang" };
      },
    ],
    options: { isPlanning: true },
  }),
  "while a call is run outside": (hangs) => ({
    script: [call],
    prepare: (session) => {
      session.lanes.setHandler("execute", { mode: "external", timeoutMs: 60_000 });
      session.subscribe(({ type }) => {
        if (type === "external-task") hangs();
      });
    },
  }),
  "while it waits for its lane": (hangs) => ({
    script: [call],
    prepare: (session) => {
      // All slots of the lane are taken for good.
      const job = { lane: "execute", name: "other", signal: new AbortController().signal, writePaths: [] } as const;
      const { promise, resolve } = Promise.withResolvers<void>();
      release = resolve;
      for (let slot = 0; slot < 2; slot += 1) void session.lanes.run({ ...job, run: () => promise });
      session.subscribe(({ type }) => {
        if (type === "tool-call-start") hangs();
      });
    },
  }),
  "while its criteria are looked at": (hangs) => ({
    script: [
      { text: "ok" },
      () => {
        hangs();
        return { finish: "hang" };
      },
    ],
    options: { goal: { text: "all", criteria: [{ kind: "judged", text: "all is well" }] } },
  }),
};
let release: () => void = () => undefined;
afterEach(() => release());

test.each(Object.entries(places))("a turn that is cancelled %s ends, and runs nothing more", async (_where, place) => {
  let session: KodaSession | null = null;
  // A moment later: whoever is asked has to be waited for first.
  const hangs = (): void => void setImmediate(() => session?.send({ type: "cancel" }));
  const { script, options, prepare } = place(hangs);
  const provider = new ScriptedProvider(script);
  ({ session } = await bench.open(provider, { tools, ...options }));
  prepare?.(session);
  const events: EngineEvent[] = await collect(session, "go");
  release();
  expect(findGrammarFault(events)).toBeNull();
  // An answer that was there before is not taken back by the cancel.
  const isAnswered = provider.requests.length === 2;
  expect(events.at(-1)).toMatchObject({ outcome: { kind: isAnswered ? "complete" : "cancelled" } });
  expect(ran).toEqual([]);
  expect(provider.requests.length).toBeLessThanOrEqual(2);
  expect(session.unfinishedTurn).toBeNull();
  expect(session.pendingExternalTasks()).toEqual([]);
  expect(bench.store.readEntries(session.id).at(-1)?.content.kind).toBe("turn-end");
});
