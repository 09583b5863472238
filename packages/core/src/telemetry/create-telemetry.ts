import { type Meter, metrics, type Tracer, trace } from "@opentelemetry/api";
import type { Listener } from "../events/broadcast.ts";
import type { EngineEvent } from "../events/engine-event.ts";
import type { ObservedSession } from "./observed-session.ts";
import { SessionMetrics } from "./session-metrics.ts";
import { SessionTrace } from "./session-trace.ts";

export interface TelemetryOptions {
  /** Default: of the SDK that the process has registered; without one nothing is recorded and nothing is sent. */
  readonly tracer?: Tracer | undefined;
  /** Likewise. */
  readonly meter?: Meter | undefined;
  /** Puts prompts, answers, tool arguments and results into spans too. Default false: no text of a conversation leaves. */
  readonly includeContent?: boolean | undefined;
  /** Epoch milliseconds. Default: the system's clock. */
  readonly now?: (() => number) | undefined;
}

export interface SessionObservation {
  /** To be told every event of the session, as it happens. Never throws. */
  readonly listener: Listener<EngineEvent>;
  /** Ends what is open. */
  close(): void;
}

export interface Telemetry {
  observe(session: ObservedSession): SessionObservation;
}

/**
 * Spans and metrics of sessions for OpenTelemetry, by its conventions for generative AI (2026-11), made of what a
 * session says: a turn is `invoke_agent`, within it a `step`, within that one `chat` for each request to a model and
 * one `execute_tool` for each call. What has no name there is under `koda.`.
 *
 * A failure in here never reaches the session.
 */
export function createTelemetry(options: TelemetryOptions = {}): Telemetry {
  const {
    tracer = trace.getTracer("@koda/core"),
    meter = metrics.getMeter("@koda/core"),
    includeContent = false,
    now = Date.now,
  } = options;
  return {
    observe(session) {
      const spans = new SessionTrace(session, { tracer, includeContent, now });
      const measures = new SessionMetrics(session, meter);
      return {
        listener(event) {
          harmlessly(() => spans.take(event));
          harmlessly(() => measures.take(event));
        },
        close: () => harmlessly(() => spans.close()),
      };
    },
  };
}

function harmlessly(act: () => void): void {
  try {
    act();
  } catch {
    // The fault of an SDK or an exporter: a record is missing, the session loses nothing.
  }
}
