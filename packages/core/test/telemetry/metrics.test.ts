import { type Attributes, createNoopMeter, type Meter } from "@opentelemetry/api";
import { expect, test } from "vitest";
import { createTelemetry } from "../../src/telemetry/create-telemetry.ts";
import { sampleTurn } from "./sample-turn.ts";

test("tokens and durations of requests and tools are measured; what was refused took no time", () => {
  const { meter, records } = recordingMeter();
  const observation = createTelemetry({ meter }).observe({ sessionId: "s1", provider: "openai", model: "gpt-5" });
  for (const event of sampleTurn("s3cr3t-mark")) observation.listener(event);
  const request = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-5",
  };
  const input = { ...request, "gen_ai.token.type": "input" };
  const output = { ...request, "gen_ai.token.type": "output" };
  expect(records).toEqual([
    ["gen_ai.client.operation.duration", 0.1, { ...request, "error.type": "rate_limited" }],
    ["gen_ai.client.token.usage", 100, input],
    ["gen_ai.client.token.usage", 20, output],
    ["gen_ai.client.operation.duration", 0.3, request],
    ["gen_ai.execute_tool.duration", 0.07, { "gen_ai.tool.name": "Read" }],
    ["gen_ai.execute_tool.duration", 0.07, { "gen_ai.tool.name": "Bash", "error.type": "tool_error" }],
    ["gen_ai.client.token.usage", 150, input],
    ["gen_ai.client.token.usage", 30, output],
    ["gen_ai.client.operation.duration", 0.2, request],
  ]);
});

type Measurement = readonly [instrument: string, value: number, attributes: Attributes | undefined];

function recordingMeter(): { readonly meter: Meter; readonly records: Measurement[] } {
  const records: Measurement[] = [];
  const meter = Object.assign(createNoopMeter(), {
    createHistogram: (name: string) => ({
      record: (value: number, attributes?: Attributes) => void records.push([name, value, attributes]),
    }),
  });
  return { meter, records };
}
