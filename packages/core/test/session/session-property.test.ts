import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { EngineEvent } from "../../src/events/engine-event.ts";
import type { ModelRequest } from "../../src/ports/llm-provider.ts";
import type { KodaSession } from "../../src/session/koda-session.ts";
import type { Store } from "../../src/store/store.ts";
import type { ToolEffect } from "../../src/tools/tool-effect.ts";
import { findGrammarFault } from "../fakes/event-grammar.ts";
import { createProbeTool } from "../fakes/probe-tool.ts";
import { type ScriptedAnswer, ScriptedProvider } from "../fakes/scripted-provider.ts";
import { Workbench } from "../fakes/workbench.ts";

let bench: Workbench;
beforeAll(() => {
  bench = new Workbench();
});
afterAll(() => bench[Symbol.asyncDispose]());

const runs = new Map<string, number>();
const effects: readonly ToolEffect[] = ["read-only", "local-mutation", "destructive"];
const tools = effects.map((effect) =>
  createProbeTool({
    name: effect,
    effect,
    execute: ({ value }, { callKey }) => {
      runs.set(callKey, (runs.get(callKey) ?? 0) + 1);
      return { text: value, isError: false };
    },
  }),
);

const calls = fc.array(
  fc.record({ name: fc.constantFrom(...effects, "nothing"), input: fc.constant({ value: "x" }) }),
  { minLength: 1, maxLength: 3 },
);

/** Mostly calls, so that turns have some steps. */
const answer: fc.Arbitrary<ScriptedAnswer> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ calls }) },
  {
    weight: 1,
    arbitrary: fc.record({ text: fc.constantFrom("a", "b"), calls }, { requiredKeys: ["text"] }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      failure: fc.record({ code: fc.constantFrom("network", "auth"), message: fc.constant("no") }),
    }),
  },
);

/** What happens at the n-th event of a turn. `die`: its process is gone, and another one has the session. */
const act = fc.record({
  at: fc.nat({ max: 30 }),
  what: fc.constantFrom("cancel", "steer", "say-next", "pause", "die", "plan"),
});

const turnPlan = fc.record({
  acts: fc.array(act, { maxLength: 2 }),
  says: fc.constantFrom("approve", "reject"),
  restarts: fc.boolean(),
});

const setup = fc.record({
  script: fc.array(answer, { maxLength: 10 }),
  turns: fc.array(turnPlan, { minLength: 1, maxLength: 4 }),
});

/** Nothing waits for ever: every question has its answer, and no steps are granted. */
function answerAll(session: KodaSession, says: "approve" | "reject"): () => void {
  return session.subscribe((event) => {
    if (event.type !== "approval-request" && event.type !== "loop-cap-reached") return;
    const { requestId } = event;
    const yesOrNo =
      says === "approve"
        ? ({ type: "approve", requestId, scope: "once" } as const)
        : ({ type: "reject", requestId } as const);
    const reply = event.type === "approval-request" ? yesOrNo : ({ type: "grant-steps", requestId, steps: 0 } as const);
    queueMicrotask(() => session.send(reply));
  });
}

/** Runs one turn, or goes on with the one that is left; acts as planned. Whether its process is gone. */
async function runTurn(
  session: KodaSession,
  plan: typeof turnPlan extends fc.Arbitrary<infer T> ? T : never,
  die: () => void,
) {
  const events: EngineEvent[] = [];
  let isInTurn = false;
  let isDead = false;
  const leave = session.subscribe((event) => {
    if (event.type === "turn-start") isInTurn = true;
    if (!isInTurn) return;
    events.push(event);
    if (event.type === "turn-end") isInTurn = false;
    for (const { what } of plan.acts.filter(({ at }) => at === events.length)) {
      if (what === "cancel") session.send({ type: "cancel" });
      if (what === "steer") session.send({ type: "steer", text: "more" });
      if (what === "say-next") session.send({ type: "steer", text: "later", boundary: "next-turn" });
      if (what === "pause") session.pause();
      if (what === "plan") session.send({ type: "set-mode", mode: "plan" });
      if (what === "die" && !isDead) {
        isDead = true;
        die();
      }
    }
  });
  const silence = answerAll(session, plan.says);
  session.resume();
  const [input] = session.waitingInputs();
  const turn =
    session.unfinishedTurn === null
      ? session.runTurn(input?.text ?? "go", input === undefined ? {} : { inputId: input.id })
      : session.continueTurn();
  for await (const _event of turn);
  leave();
  silence();
  expect(findGrammarFault(events)).toBeNull();
  return isDead;
}

/** Entries are a tree whose path is the session; each id, prompt and call is there once; a turn has at most one end. */
function checkRecord(store: Store, id: string): void {
  const entries = store.readEntries(id);
  expect(entries.map(({ parentId }) => parentId)).toEqual(
    [null, ...entries.slice(0, -1).map((entry) => entry.id)].slice(0, entries.length),
  );
  expect(store.readSession(id)?.leafId ?? null).toBe(entries.at(-1)?.id ?? null);
  const prompts = entries.filter(({ content }) => content.kind === "user" && content.source === "prompt");
  expect(new Set(prompts.map(({ turnId }) => turnId)).size).toBe(prompts.length);
  expect(store.readSession(id)?.turnCount).toBe(prompts.length);
  const ends = entries.filter(({ content }) => content.kind === "turn-end");
  expect(new Set(ends.map(({ turnId }) => turnId)).size).toBe(ends.length);
  const asked = entries.flatMap(({ content }) => (content.kind === "assistant" ? content.toolCalls : []));
  expect(store.readCalls(id).map(({ callId }) => callId)).toEqual(asked.map(({ callId }) => callId));
  expect(new Set(asked.map(({ callId }) => callId)).size).toBe(asked.length);
  const inputs = store.listInputs(id).flatMap(({ entryId }) => entryId ?? []);
  expect(new Set(inputs).size).toBe(inputs.length);
}

function checkRequest({ messages }: ModelRequest): void {
  let open: readonly string[] = [];
  for (const message of messages) {
    if (message.role === "tool") {
      expect(open[0]).toBe(message.callId);
      open = open.slice(1);
      continue;
    }
    expect(open).toEqual([]);
    if (message.role === "assistant") open = message.toolCalls.map(({ callId }) => callId);
  }
  expect(open).toEqual([]);
}

test("whatever is said, answered, cancelled, paused and killed, nothing is lost, split or done twice", async () => {
  await fc.assert(
    fc.asyncProperty(setup, async ({ script, turns }) => {
      runs.clear();
      const provider = new ScriptedProvider(script);
      let { session } = await bench.open(provider, { tools, maxSteps: 6, approvals: "ask" });
      const { id } = session;
      for (const plan of turns) {
        // What a dead process leaves is what a live one cannot write any more.
        const die = (): void => {
          bench.store.acquireLease(
            id,
            { token: "next", pid: 2 ** 30, startMarker: "", place: "", renewedAtMs: 0 },
            () => false,
          );
        };
        const isDead = await runTurn(session, plan, die);
        checkRecord(bench.store, id);
        if (!isDead && !plan.restarts) continue;
        await session[Symbol.asyncDispose]();
        bench.store.releaseLease(id, "next");
        ({ session } = await bench.open(provider, { tools, maxSteps: 6, approvals: "ask", resume: id }));
      }
      answerAll(session, "reject");
      session.resume();
      if (session.unfinishedTurn !== null) for await (const _event of session.continueTurn());
      checkRecord(bench.store, id);
      for (const request of provider.requests) checkRequest(request);
      // Calls that change something ran once at most; only reads may run again.
      for (const { callId, name } of bench.store.readCalls(id)) {
        const count = [...runs]
          .filter(([key]) => key.endsWith(`/${callId}`))
          .reduce((sum, [, times]) => sum + times, 0);
        if (name !== "read-only") expect([callId, count <= 1]).toEqual([callId, true]);
      }
      expect(session.unfinishedTurn).toBeNull();
      await session[Symbol.asyncDispose]();
    }),
    { numRuns: 60, interruptAfterTimeLimit: 20_000 },
  );
}, 60_000);
