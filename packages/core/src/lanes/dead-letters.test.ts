import { expect, test } from "vitest";
import type { EngineEvent } from "../events/engine-event.ts";
import { type DeadLetter, DeadLetters } from "./dead-letters.ts";

const letter = (callId: string, changes: Partial<DeadLetter> = {}): DeadLetter => ({
  callId,
  name: "Fetch",
  lane: "execute",
  error: "no route",
  attempts: 3,
  failedAtMs: 1,
  ...changes,
});

test("a letter is listed once and told, and a call that fails again takes its place", () => {
  const events: EngineEvent[] = [];
  const letters = new DeadLetters((event) => events.push(event));
  letters.add(letter("a"));
  letters.add(letter("b"));
  letters.add(letter("a", { failedAtMs: 2 }));
  expect(letters.list()).toEqual([letter("b"), letter("a", { failedAtMs: 2 })]);
  expect(events[0]).toEqual({ type: "dead-letter", callId: "a", name: "Fetch", attempts: 3, error: "no route" });
  expect(events).toHaveLength(3);
});

test("the oldest letter goes when there are more than 1,000", () => {
  const letters = new DeadLetters(() => undefined);
  for (let index = 0; index <= 1000; index += 1) letters.add(letter(`call_${index}`));
  expect(letters.list()).toHaveLength(1000);
  expect(letters.list()[0]?.callId).toBe("call_1");
});

test("a letter that is replayed is handed out once", () => {
  const letters = new DeadLetters(() => undefined);
  letters.add(letter("a"));
  expect(letters.replay("a")).toEqual(letter("a"));
  expect(letters.replay("a")).toBeNull();
  expect(letters.list()).toEqual([]);
});
