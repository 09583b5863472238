import { expect, test } from "vitest";
import { LatencyWindow } from "./latency-window.ts";

test("there are no percentiles without samples", () => {
  expect(new LatencyWindow().read()).toBeNull();
});

test("percentiles are samples, by nearest rank", () => {
  const latencies = new LatencyWindow();
  for (let sample = 100; sample >= 1; sample -= 1) latencies.add(sample);
  expect(latencies.read()).toEqual({ p50: 50, p95: 95, p99: 99 });
});

test("only the last 1,024 samples count", () => {
  const latencies = new LatencyWindow();
  for (let sample = 0; sample < 1024; sample += 1) latencies.add(1_000_000);
  for (let sample = 0; sample < 1024; sample += 1) latencies.add(7);
  expect(latencies.read()).toEqual({ p50: 7, p95: 7, p99: 7 });
});
