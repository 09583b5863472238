import type { Config } from "../config/load-config.ts";
import type { SessionObserver } from "./session-observer.ts";

/**
 * All who were asked to look on: a trace file, a collector of traces. What nobody asked for is not loaded. Disposing sends
 * what is left, and tells through `notify` what could not be sent.
 *
 * @throws {CliError} `usage` when the trace file cannot be written.
 */
export async function openObserver(
  { traceFile, environment }: Pick<Config, "traceFile" | "environment">,
  notify: (message: string) => void,
): Promise<SessionObserver & AsyncDisposable> {
  await using stack = new AsyncDisposableStack();
  const observers: SessionObserver[] = [];
  if (traceFile !== null) {
    const { openTraceFile } = await import("./trace-file.ts");
    observers.push(stack.use(openTraceFile(traceFile)));
  }
  if (wantsTraces(environment)) {
    const { openTracing } = await import("./tracing.ts");
    observers.push(stack.use(openTracing(notify)));
  }
  const owned = stack.move();
  return {
    observe(session) {
      const observations = observers.map((observer) => observer.observe(session));
      return {
        listener(event) {
          for (const { listener } of observations) listener(event);
        },
        close() {
          for (const observation of observations) observation.close();
        },
      };
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** By OpenTelemetry's own variables: there is somewhere to send traces to, and nobody forbids it. */
export function wantsTraces(environment: Config["environment"]): boolean {
  const {
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint = "",
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: tracesEndpoint = "",
    OTEL_SDK_DISABLED: isDisabled = "",
    OTEL_TRACES_EXPORTER: exporter = "",
  } = environment;
  if (isDisabled.trim().toLowerCase() === "true" || exporter.trim() === "none") return false;
  return endpoint.trim() !== "" || tracesEndpoint.trim() !== "";
}
