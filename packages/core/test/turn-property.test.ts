import { setTimeout as delay } from "node:timers/promises";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { EngineEvent } from "../src/events/engine-event.ts";
import type { ToolEffect } from "../src/tools/tool-effect.ts";
import { findGrammarFault } from "./fakes/event-grammar.ts";
import { createProbeTool } from "./fakes/probe-tool.ts";
import type { ScriptedAnswer } from "./fakes/scripted-provider.ts";
import { collect, Workbench } from "./fakes/workbench.ts";

let bench: Workbench;
beforeAll(() => {
  bench = new Workbench();
});
afterAll(() => bench[Symbol.asyncDispose]());

const effects: readonly ToolEffect[] = ["read-only", "local-mutation", "destructive"];
const tools = effects.map((effect) =>
  createProbeTool({
    name: `Probe-${effect}`,
    effect,
    execute: async ({ value }, { onOutput }) => {
      onOutput(value);
      if (value === "slow") await delay(2);
      if (value === "throw") throw new Error("thrown");
      return { text: value, isError: value === "error" };
    },
  }),
);

const call = fc.record({
  name: fc.constantFrom(...tools.map(({ name }) => name), "Nothing"),
  argumentsJson: fc.constantFrom(
    '{"value":"fine"}',
    '{"value":"slow"}',
    '{"value":"throw"}',
    '{"value":"error"}',
    "{",
    "[]",
  ),
});

const answer: fc.Arbitrary<ScriptedAnswer> = fc.record(
  {
    thinking: fc.constant("hm"),
    text: fc.array(fc.constantFrom("a", "b", "\u{1b}[2J", "\ud800"), { maxLength: 3 }),
    calls: fc.array(call, { minLength: 1, maxLength: 4 }),
    usage: fc.constant({ inputTokens: 1, outputTokens: 1, cacheReadTokens: 0, thinkingTokens: 0 }),
    finish: fc.constantFrom("none", "length", "stop", "content-filter", "hang"),
    failure: fc.record({
      code: fc.constantFrom("network", "server", "rate_limited", "stream_cut", "auth", "context_overflow"),
      message: fc.constant("no"),
    }),
  },
  { requiredKeys: [] },
);

/** What the client does at the n-th event. */
const reaction = fc.record({
  at: fc.nat({ max: 20 }),
  what: fc.constantFrom("cancel", "steer", "plan", "leave"),
});

const setup = fc.record({
  script: fc.array(answer, { maxLength: 5 }),
  reactions: fc.array(reaction, { maxLength: 3 }),
  approvals: fc.constantFrom("ask", "reject"),
  says: fc.constantFrom("approve", "reject"),
  mode: fc.constantFrom("plan", "safe", "auto"),
});

test("whatever the model, the tools and the client do, the events of a turn fit the grammar and no call lacks its result", async () => {
  await fc.assert(
    fc.asyncProperty(setup, async ({ script, reactions, approvals, says, mode }) => {
      const { session, provider } = await bench.open([...script], { tools, approvals, mode, maxSteps: 4 });
      // A model that hangs would wait for ever for someone to cancel.
      const isHanging = script.some(({ finish }) => finish === "hang");
      const signal = isHanging ? AbortSignal.timeout(30) : new AbortController().signal;
      const heard: EngineEvent[] = [];
      session.subscribe((event) => {
        heard.push(event);
        if (event.type === "approval-request") {
          const { requestId } = event;
          queueMicrotask(() =>
            session.send(
              says === "approve" ? { type: "approve", requestId, scope: "once" } : { type: "reject", requestId },
            ),
          );
        }
        if (event.type === "loop-cap-reached") {
          queueMicrotask(() => session.send({ type: "grant-steps", requestId: event.requestId, steps: 0 }));
        }
      });

      let index = 0;
      turn: for await (const _event of session.runTurn("go", { signal })) {
        for (const { what } of reactions.filter(({ at }) => at === index)) {
          if (what === "leave") break turn;
          if (what === "cancel") session.send({ type: "cancel" });
          if (what === "steer") session.send({ type: "steer", text: "more" });
          if (what === "plan") session.send({ type: "set-mode", mode: "plan" });
        }
        index += 1;
      }

      // The loop may lag behind the turn, so a mode that it sets can come after the end, and belongs to no turn then.
      const end = heard.findIndex(({ type }) => type === "turn-end");
      expect(findGrammarFault(heard.slice(0, end + 1))).toBeNull();
      expect(heard.slice(end + 1).filter(({ type }) => type !== "mode-changed")).toEqual([]);
      for (const { messages } of provider.requests) {
        const asked = messages.flatMap((message) => (message.role === "assistant" ? message.toolCalls : []));
        const told = messages.filter(({ role }) => role === "tool");
        expect(told.map((message) => "callId" in message && message.callId)).toEqual(asked.map(({ callId }) => callId));
      }
      expect(bench.store.readDraft(session.id)).toBeNull();
      await session[Symbol.asyncDispose]();
    }),
    { numRuns: 60 },
  );
}, 60_000);

test("after any turn the session takes another", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        answer.filter(({ finish }) => finish !== "hang"),
        { minLength: 1, maxLength: 3 },
      ),
      async (script) => {
        const { session } = await bench.open(script, { tools, approvals: "reject", mode: "auto", maxSteps: 3 });
        await collect(session, "one");
        const events = await collect(session, "two");
        expect(findGrammarFault(events)).toBeNull();
        await session[Symbol.asyncDispose]();
      },
    ),
    { numRuns: 25 },
  );
});
