import fc from "fast-check";
import { expect, test } from "vitest";
import type { EngineEvent } from "./engine-event.ts";
import { engineEventSchema } from "./engine-event-schema.ts";

type Tag = EngineEvent["type"];
type EventOf<T extends Tag> = Extract<EngineEvent, { type: T }>;
type Fields<T extends Tag> = {
  readonly [Field in Exclude<keyof EventOf<T>, "type">]-?: fc.Arbitrary<EventOf<T>[Field]>;
};

const text = fc.string({ unit: "grapheme" });
const textOrNull = fc.option(text);
const texts = fc.array(text, { maxLength: 3 });
const count = fc.nat();
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (Object.is(value, -0) ? 0 : value));
const json = fc.jsonValue({ maxDepth: 2 }).map((value): unknown => JSON.parse(JSON.stringify(value)));
const mode = fc.constantFrom("plan" as const, "safe" as const, "auto" as const);
const effect = fc.constantFrom("read-only", "local-mutation", "remote-action", "destructive");
const request = { requestId: text, callId: text, name: text, subject: text, effect };
const planStep = { stepId: text, number: count, total: count };

/** One for each tag: a tag of the union that is missing here does not compile. */
const events: { readonly [T in Tag]: Fields<T> } = {
  "session-start": {
    sessionId: text,
    provider: text,
    model: text,
    mode,
    enforcement: fc.constantFrom("kernel", "env-only", "none"),
    projectRoot: text,
    isResumed: fc.boolean(),
    version: count,
  },
  "turn-start": { turnId: text, turnNumber: count, prompt: text, isContinued: fc.boolean() },
  "input-accepted": { inputId: text, text },
  "step-start": { step: count },
  "text-delta": { text },
  "thinking-delta": { text },
  "text-retract": {},
  retry: { attempt: count, waitMs: number, reason: text },
  "tool-call-start": { callId: text, name: text, input: json, subject: text, effect },
  "tool-output": { callId: text, text },
  "approval-request": { ...request, reason: text, alwaysRule: textOrNull },
  "approval-end": { requestId: text, outcome: fc.constantFrom("approved", "rejected") },
  "tool-call-end": {
    callId: text,
    outcome: fc.constantFrom("ok", "error", "blocked", "rejected", "cancelled"),
    text,
    changes: fc.array(
      fc.record({
        path: text,
        kind: fc.constantFrom("created" as const, "changed" as const, "deleted" as const),
        addedLines: count,
        removedLines: count,
      }),
      { maxLength: 2 },
    ),
    durationMs: number,
    origin: fc.constantFrom("koda", "workspace", "command", "external"),
    exitCode: fc.option(count),
  },
  "external-task": {
    taskId: text,
    callId: text,
    lane: fc.constantFrom("control", "query", "execute", "generate"),
    name: text,
    input: json,
    deadlineMs: number,
  },
  "external-task-end": { taskId: text, outcome: fc.constantFrom("completed", "failed", "timed-out", "cancelled") },
  "dead-letter": { callId: text, name: text, attempts: count, error: text },
  connection: {
    callId: textOrNull,
    protocol: fc.constantFrom("http-connect", "http", "socks5", "host-port", "publish"),
    host: text,
    port: count,
    address: textOrNull,
    verdict: fc.constantFrom("allowed", "refused", "failed"),
    rule: textOrNull,
    reason: text,
    bytesUp: number,
    bytesDown: number,
    durationMs: number,
  },
  usage: {
    label: text,
    provider: text,
    model: text,
    attempt: count,
    finishReason: fc.option(fc.constantFrom("stop" as const, "tool-calls" as const, "content-filter" as const)),
    failureCode: fc.option(fc.constantFrom("auth" as const, "rate_limited" as const, "bad_response" as const)),
    durationMs: number,
    costMicros: fc.option(number),
    inputTokens: number,
    outputTokens: number,
    cacheReadTokens: number,
    cacheWriteTokens: number,
    thinkingTokens: number,
  },
  "context-usage": { usedTokens: number, maxTokens: number, isEstimated: fc.boolean() },
  "context-shrunk": {
    step: fc.constantFrom("blanked", "summarised"),
    beforeTokens: number,
    afterTokens: number,
    beforeMessages: count,
    afterMessages: count,
  },
  "tasks-updated": {
    sessionId: text,
    tasks: fc.array(
      fc.record({
        id: text,
        text,
        status: fc.constantFrom("pending" as const, "in-progress" as const, "completed" as const, "cancelled" as const),
        priority: fc.constantFrom("high" as const, "medium" as const, "low" as const),
      }),
      { maxLength: 2 },
    ),
  },
  plan: { goal: text, steps: fc.array(fc.record({ id: text, text }), { maxLength: 2 }) },
  "plan-step-start": planStep,
  "plan-step-end": { ...planStep, outcome: fc.constantFrom("done", "failed", "skipped") },
  "goal-progress": { goal: text, progress: number, unmet: texts },
  "goal-achieved": { goal: text, durationMs: number },
  hook: {
    name: text,
    event: text,
    outcome: fc.constantFrom("blocked", "changed", "failed", "timed-out"),
    message: text,
  },
  audit: { kind: text, severity: fc.constantFrom("info", "warning", "critical"), action: text, text },
  "context-providers": { items: count, tokens: number, skipped: texts },
  "state-changed": {
    state: fc.constantFrom("unknown", "active", "paused", "completed", "error"),
    reason: fc.option(fc.record({ code: text, text })),
  },
  gap: { missed: count },
  "step-end": { step: count },
  "loop-cap-reached": { requestId: text, steps: count },
  "mode-changed": { mode },
  "model-changed": { provider: text, model: text },
  warning: { code: fc.constantFrom("persistence_failed", "output_truncated", "project_is_home"), message: text },
  "turn-end": {
    turnId: text,
    outcome: fc.oneof(
      fc.record({ kind: fc.constant("complete" as const), text }),
      fc.constantFrom({ kind: "cancelled" as const }, { kind: "paused" as const }),
      fc.record({
        kind: fc.constant("limit" as const),
        limit: fc.constantFrom(
          "max-turns" as const,
          "loop-cap" as const,
          "repeated-calls" as const,
          "max-cost" as const,
          "timeout" as const,
        ),
        message: text,
      }),
      fc.record({ kind: fc.constant("error" as const), code: text, message: text }),
    ),
    timing: fc.record({ totalMs: number, modelMs: number, toolMs: number, waitMs: number, ownMs: number }),
  },
};

const arbitraries = Object.entries(events).map(
  ([type, fields]) => [type, fc.record({ type: fc.constant(type), ...fields })] as const,
);
const anyEvent = fc.oneof(...arbitraries.map(([, arbitrary]) => arbitrary));

test.each(arbitraries)("%s is read as itself, from memory and from JSON", (_tag, arbitrary) => {
  fc.assert(
    fc.property(arbitrary, (event) => {
      expect(engineEventSchema.parse(event)).toEqual(event);
      expect(engineEventSchema.parse(JSON.parse(JSON.stringify(event)))).toEqual(event);
    }),
    { numRuns: 20 },
  );
});

test("an event with an unknown tag, without one of its fields or with a wrong one is refused", () => {
  fc.assert(
    fc.property(anyEvent, fc.nat(), (event, index) => {
      expect(engineEventSchema.safeParse({ ...event, type: `${event.type}-other` }).success).toBe(false);
      const names = Object.keys(event).filter((field) => !["cacheWriteTokens", "exitCode"].includes(field));
      const name = names[index % names.length] ?? "type";
      expect(engineEventSchema.safeParse({ ...event, [name]: undefined }).success).toBe(false);
      expect(engineEventSchema.safeParse({ ...event, [name]: () => name }).success).toBe(false);
    }),
  );
});

test("what is no event is refused", () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      expect(engineEventSchema.safeParse(value).success).toBe(false);
    }),
  );
});

test("a field that may be absent may be absent", () => {
  const usage = fc.sample(fc.record({ type: fc.constant("usage"), ...events.usage }), 1)[0];
  const { cacheWriteTokens: _tokens, ...rest } = { ...usage };
  expect(engineEventSchema.parse(rest)).toEqual(rest);
});

test("a field of a later version is left out", () => {
  expect(engineEventSchema.parse({ type: "step-end", step: 1, later: true })).toEqual({ type: "step-end", step: 1 });
});
