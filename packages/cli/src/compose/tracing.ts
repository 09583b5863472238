import { createTelemetry } from "@koda/core/telemetry";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, type SpanExporter, TracerProvider } from "@opentelemetry/sdk-trace";
import type { SessionObserver } from "./session-observer.ts";

/** What the end of Koda may wait for a collector. */
const maxFlushMs = 2_000;

/**
 * Sends spans of sessions as OTLP over HTTP to where OpenTelemetry's own variables say, in the background. No text of a
 * conversation is in them. A collector that is not there, or slow, costs two seconds at the end, and a message through `notify`.
 */
export function openTracing(notify: (message: string) => void): SessionObserver & AsyncDisposable {
  const exporter = new WatchedExporter(new OTLPTraceExporter());
  const provider = new TracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ "service.name": "koda" }))
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  });
  const telemetry = createTelemetry({ tracer: provider.getTracer("@koda/cli") });
  return {
    observe: ({ id: sessionId, provider: { id, model } }) => telemetry.observe({ sessionId, provider: id, model }),
    async [Symbol.asyncDispose]() {
      const isFlushed = await within(maxFlushMs, provider.shutdown());
      const failure = exporter.failure ?? (isFlushed ? null : `no answer within ${maxFlushMs / 1_000} seconds`);
      if (failure !== null) notify(`not all traces reached the collector of OTEL_EXPORTER_OTLP_ENDPOINT: ${failure}`);
    },
  };
}

/** Remembers why spans were lost: the SDK itself tells nobody. */
class WatchedExporter implements SpanExporter {
  readonly #exporter: SpanExporter;
  #failure: string | null = null;

  constructor(exporter: SpanExporter) {
    this.#exporter = exporter;
  }

  get failure(): string | null {
    return this.#failure;
  }

  export(...[spans, settle]: Parameters<SpanExporter["export"]>): void {
    this.#exporter.export(spans, (result) => {
      if (result.code !== 0) this.#failure = shorten(result.error?.message ?? "no reason given");
      settle(result);
    });
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }

  async forceFlush(): Promise<void> {
    await this.#exporter.forceFlush?.();
  }
}

/** False when it takes longer. A failure is an end, too: whoever counts the losses knows of it. */
async function within(limitMs: number, work: Promise<void>): Promise<boolean> {
  const { promise: isLate, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(() => resolve(false), limitMs);
  try {
    return await Promise.race([
      isLate,
      work.then(
        () => true,
        () => true,
      ),
    ]);
  } finally {
    clearTimeout(timer);
  }
}

/** A server may answer with a whole page. */
const shorten = (text: string): string => (text.length <= 200 ? text : `${text.slice(0, 200)}…`);
