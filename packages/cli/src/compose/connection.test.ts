import type { ConnectionRecord } from "@koda/core";
import type { ConnectionEvent } from "@koda/sandbox";
import { expect, test } from "vitest";
import { ConnectionRecorder } from "./connection.ts";

const event = (changes: Partial<ConnectionEvent>): ConnectionEvent => ({
  id: 1,
  kind: "refused",
  clientId: "call",
  protocol: "http-connect",
  host: "a.test",
  port: 443,
  address: null,
  rule: null,
  reason: "no rule allows a.test",
  remedy: null,
  bytesUp: 0,
  bytesDown: 0,
  durationMs: 0,
  atMs: 0,
  ...changes,
});

test("what comes before there is a session is recorded when there is one, in order", () => {
  const recorder = new ConnectionRecorder();
  recorder.hear(event({ host: "a.test" }));
  recorder.hear(event({ kind: "open" }));
  recorder.hear(event({ kind: "closed", host: "b.test" }));
  const records: ConnectionRecord[] = [];
  recorder.attach((record) => records.push(record));
  recorder.hear(event({ kind: "failed", host: "c.test" }));
  expect(records.map(({ host, verdict }) => [host, verdict])).toEqual([
    ["a.test", "refused"],
    ["b.test", "allowed"],
    ["c.test", "failed"],
  ]);
  expect(recorder.refused).toBe(1);
});

test("a flood of refusals by one call ends as one record with their number; another call's are untouched", () => {
  const recorder = new ConnectionRecorder();
  const records: ConnectionRecord[] = [];
  recorder.attach((record) => records.push(record));
  for (let index = 0; index < 5_000; index++) recorder.hear(event({ host: `${index}.test` }));
  recorder.hear(event({ clientId: "other" }));
  recorder.hear(event({ kind: "closed" }));
  expect(records).toHaveLength(1_002);
  recorder.finish();
  recorder.finish();
  expect(records).toHaveLength(1_003);
  expect(records.at(-1)).toMatchObject({
    callId: "call",
    host: "4999.test",
    reason: expect.stringContaining("4000 more"),
  });
  expect(recorder.refused).toBe(5_001);
});
