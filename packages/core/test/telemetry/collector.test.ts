import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { expect, onTestFinished, test } from "vitest";
import { createTelemetry } from "../../src/telemetry/create-telemetry.ts";
import { sampleTurn } from "./sample-turn.ts";

test("a collector receives the turn over OTLP, and no text of it", async () => {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      bodies.push(`${request.url} ${Buffer.concat(chunks).toString("utf8")}`);
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const exporter = new OTLPTraceExporter({ url: `http://127.0.0.1:${port}/v1/traces` });
  const provider = new TracerProvider({ spanProcessors: [new BatchSpanProcessor({ exporter })] });
  const telemetry = createTelemetry({ tracer: provider.getTracer("test") });

  const observation = telemetry.observe({ sessionId: "s1", provider: "openai", model: "gpt-5" });
  for (const event of sampleTurn("s3cr3t-mark")) observation.listener(event);
  expect(bodies).toEqual([]);
  await provider.forceFlush();
  await provider.shutdown();

  expect(bodies).toHaveLength(1);
  expect(bodies[0]).toMatch(/^\/v1\/traces \{/);
  expect(bodies[0]).toContain('"name":"invoke_agent koda"');
  expect(bodies[0]).toContain('"name":"execute_tool Bash"');
  expect(bodies[0]).toContain('{"key":"gen_ai.usage.input_tokens","value":{"intValue":100}}');
  expect(bodies[0]).not.toContain("s3cr3t-mark");
});
