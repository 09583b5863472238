import type { EngineEvent } from "@koda/core";
import { describe, expect, test } from "vitest";
import { toRunReport } from "./json.ts";

const timing = { totalMs: 9, modelMs: 4, toolMs: 3, waitMs: 0, ownMs: 2 };
type Outcome = Extract<EngineEvent, { type: "turn-end" }>["outcome"];
const turn = (outcome: Outcome, ...between: EngineEvent[]): EngineEvent[] => [
  { type: "turn-start", turnId: "t", turnNumber: 1, prompt: "p", isContinued: false },
  { type: "step-start", step: 1 },
  ...between,
  { type: "step-end", step: 1 },
  { type: "turn-end", turnId: "t", outcome, timing },
];
const call = (outcome: "ok" | "error" | "blocked" | "rejected"): EngineEvent[] => [
  { type: "tool-call-start", callId: "c", name: "Bash", input: {}, subject: "ls", effect: "read-only" },
  { type: "tool-call-end", callId: "c", outcome, text: "", changes: [], durationMs: 5, origin: "command" },
];
const warning: EngineEvent = { type: "warning", code: "persistence_failed", message: "the disk is full" };
const usage = (fields: Partial<Extract<EngineEvent, { type: "usage" }>> = {}): EngineEvent => ({
  type: "usage",
  label: "turn",
  provider: "p",
  model: "m",
  attempt: 1,
  finishReason: "stop",
  failureCode: null,
  durationMs: 1,
  inputTokens: 10,
  outputTokens: 2,
  cacheReadTokens: 1,
  cacheWriteTokens: 3,
  thinkingTokens: 0,
  costMicros: 7,
  ...fields,
});

describe("toRunReport", () => {
  const complete: Outcome = { kind: "complete", text: "done" };

  test.each<[string, EngineEvent[], number]>([
    ["a finished turn", turn(complete), 0],
    ["a failed command is the model's business", turn(complete, ...call("error")), 0],
    ["what a mode forbids is no failure: the user chose it", turn(complete, ...call("blocked")), 0],
    ["a question that nobody could answer", turn(complete, ...call("rejected")), 3],
    ["a cancelled turn", turn({ kind: "cancelled" }), 130],
    ["a spent budget", turn({ kind: "limit", limit: "max-turns", message: "m" }), 4],
    ["a refused key", turn({ kind: "error", code: "auth", message: "m" }), 5],
    ["any other failure", turn({ kind: "error", code: "store_failed", message: "m" }), 1],
    ["a turn without an end", [], 1],
  ])("%s: exit status", (_, events, status) => {
    const report = toRunReport(events, []);
    expect(report.exitCode).toBe(status);
    expect(report.success).toBe(status === 0);
    expect(report.error === null).toBe(status === 0);
  });

  test("a call is reported once, with its outcome and time", () => {
    expect(toRunReport(turn(complete, ...call("ok")), []).toolCalls).toEqual([
      { callId: "c", name: "Bash", subject: "ls", outcome: "ok", durationMs: 5 },
    ]);
  });

  test("usage is the sum over the requests", () => {
    const report = toRunReport(turn(complete, usage(), usage({ cacheWriteTokens: undefined })), []);
    expect(report.usage).toEqual({
      inputTokens: 20,
      outputTokens: 4,
      cacheReadTokens: 2,
      cacheWriteTokens: 3,
      thinkingTokens: 0,
    });
    expect(report.costMicros).toBe(14);
  });

  test("one request without a price makes the cost unknown, unless it used nothing", () => {
    const failed = usage({ costMicros: null, inputTokens: 0, outputTokens: 0 });
    expect(toRunReport(turn(complete, usage(), usage({ costMicros: null })), []).costMicros).toBeNull();
    expect(toRunReport(turn(complete, failed, usage()), []).costMicros).toBe(7);
    expect(toRunReport(turn(complete), []).costMicros).toBeNull();
  });

  test("an answer that was not saved is given, and is no success", () => {
    expect(toRunReport(turn(complete, warning), [])).toMatchObject({
      response: "done",
      success: false,
      exitCode: 1,
      error: { code: "persistence_failed", message: "the disk is full" },
    });
  });

  test("how the turn ended comes before that it was not saved", () => {
    expect(toRunReport(turn({ kind: "cancelled" }, warning), []).exitCode).toBe(130);
    expect(toRunReport(turn(complete, warning, ...call("rejected")), []).exitCode).toBe(3);
  });
});
