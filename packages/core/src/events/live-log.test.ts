import { expect, test } from "vitest";
import { CoreError } from "../errors.ts";
import type { LiveBatch } from "../store/live-store.ts";
import type { EngineEvent } from "./engine-event.ts";
import { LiveLog } from "./live-log.ts";

const step = (number: number): EngineEvent => ({ type: "step-start", step: number });
const say = (text: string): EngineEvent => ({ type: "text-delta", text });
const ask: EngineEvent = { type: "loop-cap-reached", requestId: "r", steps: 200 };

/** A log on a store of its own, with a clock that stands still until `elapse`. */
function setUp(earlier: readonly LiveBatch[] = []) {
  const batches: LiveBatch[] = [...earlier];
  const kept: { readonly events: number; readonly sinceMs: number }[] = [];
  const lost: string[] = [];
  const timers = new Set<{ readonly delayMs: number; readonly act: () => void }>();
  const faults: Error[] = [];
  const log = new LiveLog({
    store: {
      readLive: (_sessionId, afterSeq) => batches.filter(({ firstSeq, count }) => firstSeq + count - 1 > afterSeq),
      writeLive: (writer, batch, keep) => {
        const fault = faults.shift();
        if (fault !== undefined) throw fault;
        batches.push({ fence: writer.fence, ...batch });
        kept.push(keep);
      },
    },
    writer: { sessionId: "s", fence: 7 },
    now: () => 500_000,
    schedule: (delayMs, act) => {
      const timer = { delayMs, act };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    onLost: (error) => lost.push(error.message),
  });
  const elapse = (): void => {
    for (const timer of [...timers]) {
      timers.delete(timer);
      timer.act();
    }
  };
  const written = () =>
    batches.slice(earlier.length).map(({ firstSeq, eventsJson }) => [firstSeq, JSON.parse(eventsJson)]);
  return { log, timers, elapse, written, batches, kept, lost, faults };
}

test("what is said within a tenth of a second is one batch, pieces of one text are one event", () => {
  const { log, timers, elapse, written, kept } = setUp();
  for (const event of [step(1), say("a"), say("b"), step(2)]) log.push(event);
  expect([...timers].map(({ delayMs }) => delayMs)).toEqual([100]);
  expect(written()).toEqual([]);
  elapse();
  log.push(say("c"));
  elapse();
  expect(written()).toEqual([
    [1, [step(1), say("ab"), step(2)]],
    [4, [say("c")]],
  ]);
  expect(kept[0]).toEqual({ events: 2048, sinceMs: 380_000 });
});

test("what somebody has to answer is written at once, with what waited before it", () => {
  const { log, timers, written } = setUp();
  log.push(say("a"));
  log.push(ask);
  expect(written()).toEqual([[1, [say("a"), ask]]]);
  expect(timers.size).toBe(0);
});

test("a session that says nothing has no timer, and writes nothing", () => {
  const { log, timers, elapse, written } = setUp();
  log.push(step(1));
  elapse();
  log.settle("entry", null);
  expect(timers.size).toBe(0);
  log.flush();
  expect(written()).toHaveLength(1);
});

test("a mark stands where it was made, takes no number, and goes out with the next event", () => {
  const { log, elapse, written } = setUp();
  log.push(say("a"));
  log.settle("one", { text: "a", thinking: "" });
  log.push(say("b"));
  log.settle("one", { text: "ab", thinking: "" });
  log.settle("two", null);
  elapse();
  log.push(ask);
  const mark = { mark: "settled", leafId: "one", draftText: 1, draftThinking: 0 };
  expect(written()).toEqual([
    [1, [say("a"), mark, say("b"), { ...mark, leafId: "two", draftText: 0 }]],
    [3, [ask]],
  ]);
});

test("a burst is written before it costs memory", () => {
  const { log, written } = setUp();
  for (let number = 0; number < 600; number += 1) log.push(step(number));
  expect(written()).toHaveLength(1);
  log.push(say("x".repeat(2 ** 20)));
  expect(written()).toHaveLength(2);
});

test("numbers go on after those of an earlier owner", () => {
  const earlier = { fence: 6, firstSeq: 40, count: 3, eventsJson: "[]", createdAtMs: 1 };
  const { log, written } = setUp([earlier]);
  log.push(ask);
  expect(written()).toEqual([[43, [ask]]]);
});

test("a store that refuses costs its batch, is told once, and harms nobody", () => {
  const { log, faults, lost, written } = setUp();
  faults.push(new CoreError("store_failed", "disk full"), new CoreError("store_failed", "still full"));
  for (let index = 0; index < 3; index += 1) log.push(ask);
  expect(lost).toEqual(["disk full"]);
  expect(written()).toEqual([[3, [ask]]]);
});

test("what JSON cannot hold harms nobody either", () => {
  const { log, lost } = setUp();
  log.push({ type: "tool-call-start", callId: "c", name: "n", input: 1n, subject: "s", effect: "read-only" });
  log.flush();
  expect(lost).toHaveLength(1);
});

test("once another process owns the session, nothing is written any more", () => {
  const { log, faults, lost, written, timers } = setUp();
  faults.push(new CoreError("lease_lost", "taken"));
  log.push(ask);
  log.push(ask);
  log.push(say("a"));
  expect(lost).toEqual(["taken"]);
  expect(written()).toEqual([]);
  expect(timers.size).toBe(0);
});

test("disposing writes what waits and takes no more", () => {
  const { log, timers, written } = setUp();
  log.push(say("a"));
  log[Symbol.dispose]();
  log.push(ask);
  log[Symbol.dispose]();
  expect(written()).toEqual([[1, [say("a")]]]);
  expect(timers.size).toBe(0);
});

test("a burst of large calls is not held back: what is pending is weighed whole", () => {
  const { log, written } = setUp();
  const content = "x".repeat(600 * 1024);
  const start: EngineEvent = {
    type: "tool-call-start",
    callId: "c",
    name: "Write",
    input: { content },
    subject: "a.ts",
    effect: "local-mutation",
  };
  log.push(start);
  expect(written()).toEqual([]);
  log.push(start);
  expect(written()).toHaveLength(1);
});
