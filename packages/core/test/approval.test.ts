import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { EngineCommand } from "../src/events/engine-command.ts";
import { findGrammarFault } from "./fakes/event-grammar.ts";
import { collect, only, Workbench } from "./fakes/workbench.ts";

let bench: Workbench;
beforeEach(() => {
  bench = new Workbench();
});
afterEach(() => bench[Symbol.asyncDispose]());

const write = (path: string) => ({ calls: [{ name: "Write", input: { path, content: "hi\n" } }] });

type Answer = (requestId: string) => EngineCommand;

async function runWith(answer: Answer, path = "a.txt") {
  const { session, provider } = await bench.open([write(path), { text: "ok" }], { mode: "safe" });
  const events = await collect(session, "go", {
    onEvent: (event) => {
      if (event.type !== "approval-request") return;
      expect(session.send(answer(event.requestId))).toBe(true);
      expect(session.send(answer(event.requestId))).toBe(false);
    },
  });
  expect(findGrammarFault(events)).toBeNull();
  return { events, session, told: provider.requests[1]?.messages.at(-1)?.text };
}

test("a yes runs the call, and the change is told", async () => {
  const { events } = await runWith((requestId) => ({ type: "approve", requestId, scope: "once" }));
  expect(only(events, "approval-request")[0]).toMatchObject({ name: "Write", effect: "local-mutation" });
  expect(only(events, "tool-call-end")[0]).toMatchObject({
    outcome: "ok",
    changes: [{ path: "a.txt", kind: "created", addedLines: 1, removedLines: 0 }],
  });
  expect(existsSync(join(bench.projectRoot, "a.txt"))).toBe(true);
});

test("a no does not run it, and what the user says reaches the model", async () => {
  const { events, told } = await runWith((requestId) => ({ type: "reject", requestId, feedback: "use b.txt" }));
  expect(only(events, "tool-call-end")[0]).toMatchObject({ outcome: "rejected" });
  expect(told).toContain("use b.txt");
  expect(existsSync(join(bench.projectRoot, "a.txt"))).toBe(false);
});

test("always is remembered for the project, in the next session too", async () => {
  const { events } = await runWith((requestId) => ({ type: "approve", requestId, scope: "always" }), "docs/a.txt");
  const rule = only(events, "approval-request")[0]?.alwaysRule;
  expect(bench.store.listPermissionRules(bench.projectRoot)).toEqual([{ verdict: "allow", text: rule }]);

  const { session } = await bench.open([write("docs/b.txt"), { text: "ok" }], { mode: "safe", approvals: "reject" });
  const later = await collect(session, "go");
  expect(only(later, "approval-request")).toHaveLength(0);
  expect(existsSync(join(bench.projectRoot, "docs", "b.txt"))).toBe(true);
});

test("a yes does not reach over a mode that became stricter meanwhile", async () => {
  const { session } = await bench.open([write("a.txt"), { text: "ok" }], { mode: "safe" });
  const events = await collect(session, "go", {
    onEvent: (event) => {
      if (event.type !== "approval-request") return;
      session.send({ type: "set-mode", mode: "plan" });
      session.send({ type: "approve", requestId: event.requestId, scope: "once" });
    },
  });
  expect(only(events, "tool-call-end")[0]).toMatchObject({ outcome: "blocked" });
  expect(existsSync(join(bench.projectRoot, "a.txt"))).toBe(false);
});

test("where nobody can answer, a question is a no that names its reason, and nothing hangs", async () => {
  const { session, provider } = await bench.open([write("a.txt"), { text: "ok" }], {
    mode: "safe",
    approvals: "reject",
  });
  const events = await collect(session, "go");
  expect(only(events, "approval-request")).toHaveLength(0);
  expect(only(events, "tool-call-end")[0]).toMatchObject({ outcome: "rejected" });
  expect(provider.requests[1]?.messages.at(-1)?.text).toMatch(
    /^\[Automatically rejected\] Write needs an approval \(.+\)/,
  );
});

test("a blocked call names the rule to the model", async () => {
  const { session, provider } = await bench.open([write("a.txt"), { text: "ok" }], { mode: "plan" });
  const events = await collect(session, "go");
  expect(only(events, "tool-call-end")[0]).toMatchObject({ outcome: "blocked" });
  expect(provider.requests[1]?.messages.at(-1)).toMatchObject({
    isError: true,
    text: expect.stringMatching(/^Blocked: ./),
  });
});

test("answers to questions that nobody asked have no effect", async () => {
  const { session } = await bench.open([]);
  expect(session.send({ type: "approve", requestId: "ask_call_1_1_0", scope: "once" })).toBe(false);
  expect(session.send({ type: "reject", requestId: "" })).toBe(false);
  expect(session.send({ type: "grant-steps", requestId: "x", steps: 50 })).toBe(false);
});
