import { expect, test } from "vitest";
import { sampleTurn } from "../../test/telemetry/sample-turn.ts";
import { createTraceLog } from "./trace-log.ts";

const mark = "s3cr3t-mark";

test("a basic log has a line for each event with its time and session, without chunks of text", () => {
  const lines = log("basic");
  expect(lines.map(({ type }) => type)).toEqual(
    sampleTurn(mark).flatMap(({ type }) => (/-delta$|^tool-output$/.test(type) ? [] : [type])),
  );
  expect(lines.map(({ atMs, sessionId }) => [atMs, sessionId])).toEqual(lines.map((_line, index) => [index + 1, "s1"]));
});

test("a basic log has digests in place of texts, so that equal ones can be told", () => {
  const lines = log("basic");
  expect(JSON.stringify(lines)).not.toContain(mark);
  expect(lines[0]).toMatchObject({
    turnId: "t1",
    prompt: { sha256: expect.stringMatching(/^[0-9a-f]{16}$/), length: 18 },
  });
  const ends = lines.filter(({ type }) => type === "tool-call-end");
  expect(ends[0]).toMatchObject({ callId: "c1", outcome: "ok", durationMs: 70, text: ends[1]?.["text"] });
});

test("an extended log has every event as it is", () => {
  const events = log("extended").map(({ atMs: _at, sessionId: _session, ...event }) => event);
  expect(events).toEqual(JSON.parse(JSON.stringify(sampleTurn(mark))));
});

test("a log that cannot be written harms nobody", () => {
  const listener = createTraceLog({
    sessionId: "s1",
    level: "extended",
    now: () => 0,
    write() {
      throw new Error("the disk is full");
    },
  });
  expect(() => listener({ type: "step-start", step: 1 })).not.toThrow();
});

function log(level: "basic" | "extended"): readonly Readonly<Record<string, unknown>>[] {
  const written: string[] = [];
  let clock = 0;
  const listener = createTraceLog({ sessionId: "s1", level, now: () => ++clock, write: (line) => written.push(line) });
  for (const event of sampleTurn(mark)) listener(event);
  expect(written.every((line) => /^[^\n]+\n$/.test(line))).toBe(true);
  return written.map((line) => JSON.parse(line));
}
