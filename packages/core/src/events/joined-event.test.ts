import { expect, test } from "vitest";
import type { EngineEvent } from "./engine-event.ts";
import { JoinedEvent } from "./joined-event.ts";

const say = (text: string): EngineEvent => ({ type: "text-delta", text });

test("pieces of one text become one event that counts them all", () => {
  const joined = new JoinedEvent(say("a"));
  const rest = new JoinedEvent(say("b"));
  expect(rest.tryJoin(new JoinedEvent(say("c")))).toBe(true);
  expect(joined.tryJoin(rest)).toBe(true);
  expect(joined.toEvent()).toEqual(say("abc"));
  expect([joined.count, joined.length]).toEqual([3, 3]);
});

test.each<[string, EngineEvent, EngineEvent]>([
  ["text and thinking", say("a"), { type: "thinking-delta", text: "b" }],
  ["two calls", { type: "tool-output", callId: "a", text: "" }, { type: "tool-output", callId: "b", text: "" }],
  ["what is no text", { type: "step-end", step: 1 }, { type: "step-end", step: 1 }],
  ["more than a mebi of code units", say("x".repeat(1024 * 1024)), say("x")],
])("%s stay apart", (_what, left, right) => {
  expect(new JoinedEvent(left).tryJoin(new JoinedEvent(right))).toBe(false);
});
