import fc from "fast-check";
import { expect, test } from "vitest";
import { CoreError } from "../errors.ts";
import type { EngineEvent } from "./engine-event.ts";
import { EventQueue } from "./event-queue.ts";

const step = (number: number): EngineEvent => ({ type: "step-start", step: number });
const say = (text: string): EngineEvent => ({ type: "text-delta", text });
const think = (text: string): EngineEvent => ({ type: "thinking-delta", text });
const print = (callId: string, text: string): EngineEvent => ({ type: "tool-output", callId, text });

async function readAll(queue: EventQueue): Promise<EngineEvent[]> {
  queue.close();
  const read: EngineEvent[] = [];
  for await (const event of queue) read.push(event);
  return read;
}

test("events come out in order, those pushed before and while reading, and closing ends it", async () => {
  const queue = new EventQueue();
  queue.push(step(1));
  queue.push(step(2));
  const read: EngineEvent[] = [];
  for await (const event of queue) {
    read.push(event);
    if (read.length === 2) queueMicrotask(() => queue.push(step(3)));
    if (read.length === 3) setImmediate(() => queue.close());
  }
  expect(read).toEqual([step(1), step(2), step(3)]);
});

test("what was pushed before closing is still read, what comes after is not", async () => {
  const queue = new EventQueue();
  queue.push(step(1));
  queue.close();
  queue.push(step(2));
  expect(await readAll(queue)).toEqual([step(1)]);
});

test("a reader that keeps up gets every piece of text as it was said", async () => {
  const queue = new EventQueue({ limit: 4 });
  for (const text of ["a", "b", "c", "d"]) queue.push(say(text));
  expect(await readAll(queue)).toEqual(["a", "b", "c", "d"].map(say));
});

test("a reader that is slow gets the pieces of one text joined, and loses nothing", async () => {
  const queue = new EventQueue({ limit: 8 });
  for (let index = 0; index < 1000; index += 1) queue.push(say(String(index)));
  for (let index = 0; index < 1000; index += 1) queue.push(think(String(index)));
  queue.push(step(1));
  const all = Array.from({ length: 1000 }, (_, index) => index).join("");
  expect(await readAll(queue)).toEqual([say(all), think(all), step(1)]);
});

test("what different calls print is not joined", async () => {
  const queue = new EventQueue({ limit: 3 });
  for (const event of [print("a", "1"), print("a", "2"), print("b", "3"), print("b", "4")]) queue.push(event);
  expect(await readAll(queue)).toEqual([print("a", "12"), print("b", "34")]);
});

test("a reader that is still too slow is told first how many of the oldest events are missing", async () => {
  const queue = new EventQueue({ limit: 3 });
  for (let number = 1; number <= 10; number += 1) queue.push(step(number));
  expect(await readAll(queue)).toEqual([{ type: "gap", missed: 7 }, step(8), step(9), step(10)]);
});

test("a gap that comes while reading stands where its events would have", async () => {
  const queue = new EventQueue({ limit: 2 });
  const read: EngineEvent[] = [];
  queue.push(step(1));
  for await (const event of queue) {
    read.push(event);
    if (read.length > 1) continue;
    for (const number of [2, 3, 4]) queue.push(step(number));
    queue.close();
  }
  expect(read).toEqual([step(1), { type: "gap", missed: 1 }, step(3), step(4)]);
});

test("the last event is never the one that is dropped", async () => {
  const queue = new EventQueue({ limit: 1 });
  const end: EngineEvent = {
    type: "turn-end",
    turnId: "t",
    outcome: { kind: "cancelled" },
    timing: { totalMs: 0, modelMs: 0, toolMs: 0, waitMs: 0, ownMs: 0 },
  };
  for (let number = 1; number <= 10; number += 1) queue.push(step(number));
  queue.push(end);
  expect(await readAll(queue)).toEqual([{ type: "gap", missed: 10 }, end]);
});

test("text that waits is bounded, in one event and in all together", async () => {
  const queue = new EventQueue({ limit: 100 });
  const megabyte = "x".repeat(1024 * 1024);
  for (let index = 0; index < 200; index += 1) queue.push(say(megabyte));
  const read = await readAll(queue);
  expect(read[0]).toEqual({ type: "gap", missed: 184 });
  expect(read.slice(1).map((event) => "text" in event && event.text.length)).toEqual(Array(16).fill(megabyte.length));
});

test("what waits is bounded by whole events: their inputs, subjects and results count", async () => {
  const queue = new EventQueue({ limit: 100 });
  const input = { content: [{ text: "x".repeat(1024 * 1024) }] };
  const start: EngineEvent = {
    type: "tool-call-start",
    callId: "c",
    name: "Write",
    input,
    subject: "a.ts",
    effect: "local-mutation",
  };
  for (let index = 0; index < 50; index += 1) queue.push(start);
  const read = await readAll(queue);
  expect(read[0]).toEqual({ type: "gap", missed: 35 });
  expect(read.slice(1)).toEqual(Array(15).fill(start));
});

test("a second reader is refused, and the first one goes on", async () => {
  const queue = new EventQueue();
  queue.push(step(1));
  const first = queue[Symbol.asyncIterator]();
  expect(await first.next()).toEqual({ done: false, value: step(1) });
  await expect(queue[Symbol.asyncIterator]().next()).rejects.toThrow(expect.objectContaining({ code: "bad_option" }));
  queue.push(step(2));
  expect(await first.next()).toEqual({ done: false, value: step(2) });
});

test("leaving the loop closes the queue once: nothing waits any more, and nothing is taken", async () => {
  let closings = 0;
  const queue = new EventQueue({ onClose: () => (closings += 1) });
  queue.push(step(1));
  queue.push(step(2));
  for await (const _event of queue) break;
  queue.push(step(3));
  queue.close();
  expect(await readAll(queue)).toEqual([]);
  expect(closings).toBe(1);
});

test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])("a limit of %s is refused", (limit) => {
  expect(() => new EventQueue({ limit })).toThrow(CoreError);
});

/** Makes the event of a place, which names it, so that a joined text can be taken apart again. */
const makers: readonly ((place: number) => EngineEvent)[] = [
  step,
  (place) => say(`${place};`),
  (place) => think(`${place};`),
  (place) => print("a", `${place};`),
  (place) => print("b", `${place};`),
];

test("whatever is pushed and read when: what is read and what is missed is all there was, in order", async () => {
  const push = fc.constantFrom(...makers);
  const acts = fc.array(
    fc.oneof({ weight: 3, arbitrary: push }, { weight: 1, arbitrary: fc.constant("read" as const) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 6 }), acts, async (limit, script) => {
      const queue = new EventQueue({ limit });
      const reader = queue[Symbol.asyncIterator]();
      const pushed: EngineEvent[] = [];
      let place = 0;
      const check = (event: EngineEvent): void => {
        if (event.type === "gap") {
          place += event.missed;
          return;
        }
        const pieces = "text" in event ? event.text.split(";").slice(0, -1) : [place];
        for (const piece of pieces) {
          expect(Number(piece)).toBe(place);
          expect("text" in event ? { ...event, text: `${piece};` } : event).toEqual(pushed[place]);
          place += 1;
        }
      };
      for (const act of script) {
        if (act === "read") {
          if (place === pushed.length) continue;
          const { value } = await reader.next();
          if (value) check(value);
        } else {
          const event = act(pushed.length);
          pushed.push(event);
          queue.push(event);
        }
      }
      queue.close();
      let left = 0;
      for (let next = await reader.next(); !next.done; next = await reader.next()) {
        if (next.value.type !== "gap") left += 1;
        check(next.value);
      }
      expect(left).toBeLessThanOrEqual(limit);
      expect(place).toBe(pushed.length);
    }),
  );
});
