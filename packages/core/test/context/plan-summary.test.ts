import fc from "fast-check";
import { expect, test } from "vitest";
import { estimateMessages } from "../../src/context/estimate-tokens.ts";
import { planSummary, type SummaryPlan } from "../../src/context/plan-summary.ts";
import { selectShown } from "../../src/context/select-shown.ts";
import { toViewMessages } from "../../src/context/to-view-messages.ts";
import { anyPath, EntryPath } from "./entry-path.ts";

const limitTokens = Number.POSITIVE_INFINITY;
const noneBlanked: ReadonlySet<string> = new Set();
const viewOf = (path: EntryPath) => ({ ...path.view, entries: selectShown(path.entries), blanked: noneBlanked });

const plan = (path: EntryPath, keepTokens: number, turn: { id: string; prompt: string } | null = null): SummaryPlan => {
  const planned = planSummary(viewOf(path), { keepTokens, limitTokens, turn });
  if (planned.kind === "nothing") throw new Error(`nothing is planned: ${planned.why}`);
  return planned;
};

test("everything is either summarised or kept, and each call is on the side of its answer", () => {
  fc.assert(
    fc.property(anyPath, fc.nat({ max: 500 }), (path, keepTokens) => {
      const view = viewOf(path);
      const planned = planSummary(view, { keepTokens, limitTokens, turn: null });
      if (planned.kind === "nothing") return;
      const own = view.entries.filter(({ content }) => content.kind !== "summary");
      expect(own.slice(-planned.kept.length)).toEqual(planned.kept);
      const summarised = own.slice(0, -planned.kept.length);
      const text = planned.parts.join("\n");
      for (const { content } of summarised) {
        if (content.kind === "user" || content.kind === "assistant") expect(text).toContain(content.text);
        if (content.kind === "assistant") for (const { name } of content.toolCalls) expect(text).toContain(name);
      }
      const first = view.entries[0]?.content;
      expect(planned.earlierSummary).toBe(first?.kind === "summary" ? first.text : null);
    }),
  );
});

test("at least four messages are kept, and no more than what may be kept beyond them", () => {
  fc.assert(
    fc.property(anyPath, fc.nat({ max: 500 }), (path, keepTokens) => {
      const view = viewOf(path);
      const planned = planSummary(view, { keepTokens, limitTokens, turn: null });
      if (planned.kind === "nothing") return;
      const messages = toViewMessages({ ...view, entries: planned.kept });
      expect(messages.length).toBeGreaterThanOrEqual(4);
      // Without the first kept entry it would be within the bound, or have fewer messages than have to stay.
      const others = toViewMessages({ ...view, entries: planned.kept.slice(1) });
      if (others.length >= 4) expect(estimateMessages(messages)).toBeLessThanOrEqual(keepTokens);
    }),
  );
});

test("what is kept begins with what a user said, where one did", () => {
  const path = new EntryPath();
  for (let turn = 0; turn < 5; turn += 1) {
    path.prompt("p".repeat(400));
    path.answer("a".repeat(400), [{ name: "Read", result: "r".repeat(400) }]);
    path.answer("done");
    path.end();
  }
  for (let keepTokens = 450; keepTokens < 1200; keepTokens += 50) {
    expect(plan(path, keepTokens).kept[0]?.content.kind).toBe("user");
  }
});

test("an answer without a user's word near it begins what is kept with all its calls", () => {
  const path = new EntryPath();
  path.prompt("go");
  const calls = Array(6).fill({ name: "Read", result: "r".repeat(400) });
  for (let step = 0; step < 4; step += 1) path.answer("next", calls);
  expect(plan(path, 100).kept).toEqual([path.entries.at(-1)]);
});

test("four messages that do not fit are not kept: then it is what fits, if need be nothing", () => {
  const path = new EntryPath();
  path.prompt("go");
  path.answer("", [{ name: "Bash", result: "r".repeat(4000) }]);
  const turn = { id: path.turnId, prompt: "go" };
  const limits = { keepTokens: 200, limitTokens: 600, turn };
  expect(planSummary(viewOf(path), limits)).toMatchObject({ kind: "summarise", kept: [], pinnedPrompt: "go" });
  path.prompt("and now?");
  expect(planSummary(viewOf(path), limits)).toMatchObject({ kept: [path.entries.at(-1)] });
});

test("a running turn's prompt that is not kept is pinned", () => {
  const path = new EntryPath();
  path.prompt("build it");
  const turn = { id: path.turnId, prompt: "build it" };
  for (let step = 0; step < 10; step += 1) path.answer("a".repeat(400));
  expect(plan(path, 300, turn).pinnedPrompt).toBe("build it");
  expect(plan(path, 300).pinnedPrompt).toBeNull();
  path.prompt("and now this");
  const next = { id: path.turnId, prompt: "and now this" };
  for (let step = 0; step < 4; step += 1) path.answer("a");
  expect(plan(path, 300, next).pinnedPrompt).toBeNull();
});

test("nothing is summarised while an answer waits for results, but old interrupted calls hold nothing up", () => {
  const path = new EntryPath();
  path.prompt("go");
  for (let step = 0; step < 10; step += 1) path.answer("a".repeat(400));
  path.answer("", [{ name: "Bash", result: null }]);
  expect(planSummary(viewOf(path), { keepTokens: 100, limitTokens, turn: null })).toEqual({
    kind: "nothing",
    why: "pending-calls",
  });
  path.end();
  expect(plan(path, 100).parts.length).toBeGreaterThan(0);
});

test("a summary is not made of a summary alone, nor of a few words", () => {
  const path = new EntryPath();
  path.prompt("old");
  path.append({ kind: "summary", text: "s".repeat(10_000), keptFromId: null });
  for (let turn = 0; turn < 4; turn += 1) path.prompt("p".repeat(400));
  expect(planSummary(viewOf(path), { keepTokens: 400, limitTokens, turn: null })).toEqual({
    kind: "nothing",
    why: "too-little",
  });
  const short = new EntryPath();
  for (let turn = 0; turn < 5; turn += 1) short.prompt("p".repeat(50));
  expect(plan(short, 60).parts).toHaveLength(1);
  expect(planSummary(viewOf(short), { keepTokens: 100, limitTokens, turn: null })).toEqual({
    kind: "nothing",
    why: "too-little",
  });
  path.prompt("p");
  expect(planSummary(viewOf(path), { keepTokens: 10_000, limitTokens, turn: null })).toEqual({
    kind: "nothing",
    why: "too-little",
  });
});

test("a summariser reads 2,000 characters of a message and 500 of arguments", () => {
  const path = new EntryPath();
  path.prompt("p".repeat(10_000));
  const argumentsJson = "j".repeat(10_000);
  const toolCalls = [{ callId: "c", name: "Write", argumentsJson }];
  path.append({ kind: "assistant", text: "a".repeat(10_000), thinking: "t".repeat(99), toolCalls, isComplete: true });
  for (let turn = 0; turn < 4; turn += 1) path.prompt("q");
  const text = plan(path, 10).parts.join("");
  const count = (letter: string) => text.split(letter).length - 1;
  expect(count("p")).toBeLessThan(2050);
  expect(count("p")).toBeGreaterThanOrEqual(2000);
  expect(text).toContain("j".repeat(300));
  expect(count("j")).toBe(500);
  expect(text).not.toContain("ttt");
});
