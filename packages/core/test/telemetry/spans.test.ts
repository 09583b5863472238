import { createNoopMeter, type Tracer, trace } from "@opentelemetry/api";
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  createTelemetry,
  type SessionObservation,
  type TelemetryOptions,
} from "../../src/telemetry/create-telemetry.ts";
import { sampleTurn, usage } from "./sample-turn.ts";

test("a turn is a tree of agent, steps, requests and tools, by the conventions for generative AI", () => {
  const { observation, spans } = observe();
  for (const event of sampleTurn("mark")) observation.listener(event);
  expect(toTree(spans())).toEqual([
    "invoke_agent koda",
    "  step",
    "    chat gpt-5 !",
    "    chat gpt-5",
    "    execute_tool Read",
    "    execute_tool Bash !",
    "    execute_tool Delete",
    "  step",
    "    chat gpt-5",
  ]);
  expect(spans().map(({ attributes }) => attributes)).toEqual([
    {
      "gen_ai.operation.name": "invoke_agent",
      "gen_ai.agent.name": "koda",
      "gen_ai.conversation.id": "s1",
      "gen_ai.provider.name": "openai",
      "gen_ai.request.model": "gpt-5",
      "koda.turn.id": "t1",
      "koda.turn.number": 1,
      "koda.turn.is_continued": false,
      "koda.turn.outcome": "complete",
      "koda.turn.model_ms": 600,
      "koda.turn.tool_ms": 200,
      "koda.turn.wait_ms": 50,
      "koda.turn.own_ms": 50,
    },
    { "koda.step.number": 1 },
    { ...chat, "koda.request.attempt": 1, "error.type": "rate_limited" },
    {
      ...chat,
      "koda.request.attempt": 2,
      "koda.request.cost_micros": 600,
      "gen_ai.usage.input_tokens": 100,
      "gen_ai.usage.output_tokens": 20,
      "gen_ai.usage.cache_read.input_tokens": 60,
      "gen_ai.usage.cache_creation.input_tokens": 10,
      "gen_ai.usage.reasoning.output_tokens": 5,
      "gen_ai.response.finish_reasons": ["tool_call"],
    },
    { ...tool("c1", "Read", "read-only"), "koda.tool.verdict": "run", "koda.tool.outcome": "ok" },
    {
      ...tool("c2", "Bash", "local-mutation"),
      "koda.tool.verdict": "ask",
      "koda.tool.outcome": "error",
      "koda.tool.exit_code": 3,
      "error.type": "tool_error",
    },
    { ...tool("c3", "Delete", "destructive"), "koda.tool.verdict": "block", "koda.tool.outcome": "blocked" },
    { "koda.step.number": 2 },
    {
      ...chat,
      "gen_ai.usage.input_tokens": 150,
      "gen_ai.usage.output_tokens": 30,
      "gen_ai.usage.cache_read.input_tokens": 0,
      "gen_ai.usage.reasoning.output_tokens": 0,
      "gen_ai.response.finish_reasons": ["stop"],
    },
  ]);
});

test("no text of a conversation is in a span, wherever it stands", () => {
  const { observation, spans } = observe();
  for (const event of sampleTurn("s3cr3t-mark")) observation.listener(event);
  expect(toText(spans())).not.toContain("s3cr3t-mark");
});

test("texts are in the spans when they were asked for", () => {
  const { observation, spans } = observe({ includeContent: true });
  for (const event of sampleTurn("mark")) observation.listener(event);
  const [turn, ...rest] = spans();
  expect(turn?.attributes).toMatchObject({
    "gen_ai.input.messages": '[{"role":"user","parts":[{"type":"text","content":"prompt mark"}]}]',
    "gen_ai.output.messages": '[{"role":"assistant","parts":[{"type":"text","content":"answer mark"}]}]',
  });
  expect(rest.find(({ name }) => name === "execute_tool Read")?.attributes).toMatchObject({
    "gen_ai.tool.call.arguments": '{"path":"mark","mark":1}',
    "gen_ai.tool.call.result": "mark",
  });
});

test("a request lasted as long as it says", () => {
  const { observation, spans, advance } = observe();
  const [turnStart] = sampleTurn("");
  if (turnStart !== undefined) observation.listener(turnStart);
  observation.listener({ type: "step-start", step: 1 });
  advance(500);
  observation.listener(usage({ inputTokens: 1, durationMs: 500 }));
  observation.listener(usage({ inputTokens: 1, label: "compaction", durationMs: 200 }));
  observation.close();
  const durations = spans()
    .filter(({ name }) => name === "chat gpt-5")
    .map(({ duration }) => duration);
  expect(durations.toSorted((left, right) => left[1] - right[1])).toEqual([
    [0, 200_000_000],
    [0, 500_000_000],
  ]);
});

test("a turn that fails is an error that names its code and not its words", () => {
  const { observation, spans } = observe();
  const [turnStart] = sampleTurn("");
  if (turnStart !== undefined) observation.listener(turnStart);
  observation.listener({
    type: "turn-end",
    turnId: "t1",
    outcome: { kind: "error", code: "auth", message: "s3cr3t-mark" },
    timing: { totalMs: 0, modelMs: 0, toolMs: 0, waitMs: 0, ownMs: 0 },
  });
  expect(toTree(spans())).toEqual(["invoke_agent koda !"]);
  expect(spans()[0]?.attributes["error.type"]).toBe("auth");
  expect(toText(spans())).not.toContain("s3cr3t-mark");
});

test("a later model is the one that is named, by the name that the conventions have for its provider", () => {
  const { observation, spans } = observe();
  observation.listener({ type: "model-changed", provider: "mistral", model: "large" });
  observation.listener(usage({ inputTokens: 1, label: "title", provider: "mistral", model: "large" }));
  expect(spans()[0]).toMatchObject({
    name: "chat large",
    attributes: {
      "gen_ai.provider.name": "mistral_ai",
      "gen_ai.request.model": "large",
      "koda.request.label": "title",
    },
  });
});

test("events of a turn whose start was not seen are left out", () => {
  const { observation, spans } = observe();
  for (const event of sampleTurn("").slice(6)) if (event.type !== "usage") observation.listener(event);
  expect(spans()).toEqual([]);
});

test("without an SDK a turn is not followed, and nothing fails", () => {
  const names: string[] = [];
  const idle = trace.getTracer("nobody");
  const counting: Tracer = Object.assign(Object.create(idle), {
    startSpan(...span: Parameters<Tracer["startSpan"]>) {
      names.push(span[0]);
      return idle.startSpan(...span);
    },
  });
  const observation = createTelemetry({ tracer: counting }).observe(session);
  for (const event of sampleTurn("")) if (event.type !== "usage") observation.listener(event);
  observation.close();
  expect(names).toEqual(["invoke_agent koda"]);
});

test("an SDK that throws harms nobody", () => {
  const broken = {
    startSpan() {
      throw new Error("the exporter is gone");
    },
  } as unknown as Tracer;
  const observation = createTelemetry({ tracer: broken }).observe(session);
  expect(() => {
    for (const event of sampleTurn("")) observation.listener(event);
    observation.close();
  }).not.toThrow();
});

test("whatever is told, in whatever order, every span ends, and none twice", () => {
  const anyEvents = fc.array(fc.constantFrom(...sampleTurn("")), { maxLength: 100, size: "max" });
  fc.assert(
    fc.property(anyEvents, (events) => {
      const { observation, spans, started } = observe();
      for (const event of events) observation.listener(event);
      observation.close();
      observation.close();
      expect(spans()).toHaveLength(started());
      expect(new Set(spans().map((span) => span.spanContext().spanId)).size).toBe(started());
    }),
  );
});

const session = { sessionId: "s1", provider: "openai", model: "gpt-5" };

const chat = {
  "gen_ai.operation.name": "chat",
  "gen_ai.conversation.id": "s1",
  "gen_ai.request.stream": true,
  "gen_ai.provider.name": "openai",
  "gen_ai.request.model": "gpt-5",
  "koda.request.attempt": 1,
  "koda.request.label": "turn",
};

const tool = (callId: string, name: string, effect: string): object => ({
  "gen_ai.operation.name": "execute_tool",
  "gen_ai.tool.name": name,
  "gen_ai.tool.type": "function",
  "gen_ai.tool.call.id": callId,
  "koda.tool.effect": effect,
  "koda.tool.run_ms": 70,
  "koda.tool.changed_files": 1,
});

interface Observed {
  readonly observation: SessionObservation;
  /** Those that have ended, in the order they were started. */
  readonly spans: () => readonly ReadableSpan[];
  readonly started: () => number;
  readonly advance: (durationMs: number) => void;
}

function observe(options: TelemetryOptions = {}): Observed {
  const exporter = new InMemorySpanExporter();
  const order: string[] = [];
  const provider = new TracerProvider({
    spanProcessors: [
      new SimpleSpanProcessor({ exporter }),
      {
        onStart: (span) => void order.push(span.spanContext().spanId),
        onEnd: () => undefined,
        forceFlush: async () => undefined,
        shutdown: async () => undefined,
      },
    ],
  });
  let clock = 1_800_000_000_000;
  const telemetry = createTelemetry({
    tracer: provider.getTracer("test"),
    meter: createNoopMeter(),
    now: () => clock,
    ...options,
  });
  return {
    observation: telemetry.observe(session),
    spans: () =>
      exporter
        .getFinishedSpans()
        .toSorted(
          (left, right) => order.indexOf(left.spanContext().spanId) - order.indexOf(right.spanContext().spanId),
        ),
    started: () => order.length,
    advance(durationMs) {
      clock += durationMs;
    },
  };
}

/** One line for each span, indented under its parent; `!` for one that is an error. */
function toTree(spans: readonly ReadableSpan[], parentId?: string, indent = ""): readonly string[] {
  return spans
    .filter((span) => span.parentSpanContext?.spanId === parentId)
    .flatMap((span) => [
      `${indent}${span.name}${span.status.code === 2 ? " !" : ""}`,
      ...toTree(spans, span.spanContext().spanId, `${indent}  `),
    ]);
}

function toText(spans: readonly ReadableSpan[]): string {
  return JSON.stringify(
    spans.map(({ name, attributes, events, status, links }) => ({ name, attributes, events, status, links })),
  );
}
