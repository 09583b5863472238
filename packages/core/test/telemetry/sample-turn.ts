import type { EngineEvent } from "../../src/events/engine-event.ts";
import type { RequestFacts } from "../../src/telemetry/request-facts.ts";

type Usage = Extract<EngineEvent, { readonly type: "usage" }> & RequestFacts;

export const usage = (fields: Partial<Usage>): EngineEvent => ({
  type: "usage",
  label: "turn",
  provider: "openai",
  model: "gpt-5",
  attempt: 1,
  finishReason: null,
  failureCode: null,
  durationMs: 1,
  costMicros: null,
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  thinkingTokens: 0,
  ...fields,
});

/** A turn of two steps: a request that is made twice and calls three tools, then the answer. Every text holds `mark`. */
export const sampleTurn = (mark: string): readonly EngineEvent[] => [
  { type: "turn-start", turnId: "t1", turnNumber: 1, prompt: `prompt ${mark}`, isContinued: false },
  { type: "step-start", step: 1 },
  usage({ attempt: 1, failureCode: "rate_limited", durationMs: 100 }),
  { type: "retry", attempt: 1, waitMs: 50, reason: `rate_limited: ${mark}` },
  { type: "text-delta", text: mark },
  usage({
    attempt: 2,
    inputTokens: 100,
    outputTokens: 20,
    cacheReadTokens: 60,
    cacheWriteTokens: 10,
    thinkingTokens: 5,
    costMicros: 600,
    finishReason: "tool-calls",
    durationMs: 300,
  }),
  start("c1", "Read", "read-only", mark),
  end("c1", "ok", mark),
  start("c2", "Bash", "local-mutation", mark),
  {
    type: "approval-request",
    requestId: "r1",
    callId: "c2",
    name: "Bash",
    subject: mark,
    effect: "local-mutation",
    reason: mark,
    alwaysRule: mark,
  },
  { type: "approval-end", requestId: "r1", outcome: "approved" },
  { type: "tool-output", callId: "c2", text: mark },
  { ...end("c2", "error", mark), ...{ exitCode: 3 } },
  start("c3", "Delete", "destructive", mark),
  end("c3", "blocked", mark),
  { type: "step-end", step: 1 },
  { type: "step-start", step: 2 },
  usage({ inputTokens: 150, outputTokens: 30, finishReason: "stop", durationMs: 200 }),
  { type: "step-end", step: 2 },
  {
    type: "turn-end",
    turnId: "t1",
    outcome: { kind: "complete", text: `answer ${mark}` },
    timing: { totalMs: 900, modelMs: 600, toolMs: 200, waitMs: 50, ownMs: 50 },
  },
];

function start(
  callId: string,
  name: string,
  effect: "read-only" | "local-mutation" | "destructive",
  mark: string,
): EngineEvent {
  return { type: "tool-call-start", callId, name, input: { path: mark, [mark]: 1 }, subject: mark, effect };
}

function end(callId: string, outcome: "ok" | "error" | "blocked", mark: string): EngineEvent {
  const changes = [{ path: mark, kind: "changed", addedLines: 1, removedLines: 0 } as const];
  return { type: "tool-call-end", callId, outcome, text: mark, changes, durationMs: 70, origin: "workspace" };
}
