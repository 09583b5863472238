import type { Histogram, Meter } from "@opentelemetry/api";
import type { EngineEvent } from "../events/engine-event.ts";
import type { ObservedSession } from "./observed-session.ts";
import type { UsageEvent } from "./request-facts.ts";
import { modelAttributes } from "./span-attributes.ts";

/** The metrics of one session, made of its events. Nothing in them names the session: they are to be added up. */
export class SessionMetrics {
  readonly #tokens: Histogram;
  readonly #requestSeconds: Histogram;
  readonly #toolSeconds: Histogram;
  readonly #toolNames = new Map<string, string>();
  #model: { readonly provider: string; readonly model: string };

  constructor(session: ObservedSession, meter: Meter) {
    this.#model = session;
    this.#tokens = meter.createHistogram("gen_ai.client.token.usage", {
      unit: "{token}",
      description: "Number of input and output tokens used.",
      // The buckets that the conventions ask for: powers of four.
      advice: { explicitBucketBoundaries: Array.from({ length: 14 }, (_bound, power) => 4 ** power) },
    });
    const seconds = {
      unit: "s",
      // Likewise: doubling from ten milliseconds.
      advice: { explicitBucketBoundaries: Array.from({ length: 14 }, (_bound, power) => 0.01 * 2 ** power) },
    };
    this.#requestSeconds = meter.createHistogram("gen_ai.client.operation.duration", {
      ...seconds,
      description: "GenAI operation duration.",
    });
    this.#toolSeconds = meter.createHistogram("gen_ai.execute_tool.duration", {
      ...seconds,
      description: "Duration of one tool call.",
    });
  }

  take(event: EngineEvent): void {
    switch (event.type) {
      case "session-start":
      case "model-changed":
        this.#model = { provider: event.provider, model: event.model };
        return;
      case "usage":
        this.#addRequest(event);
        return;
      case "tool-call-start":
        this.#toolNames.set(event.callId, event.name);
        return;
      case "tool-call-end": {
        const name = this.#toolNames.get(event.callId);
        this.#toolNames.delete(event.callId);
        // What was refused has not run, so it took no time.
        if (name === undefined || event.outcome === "blocked" || event.outcome === "rejected") return;
        this.#toolSeconds.record(event.durationMs / 1000, {
          "gen_ai.tool.name": name,
          ...(event.outcome === "error" && { "error.type": "tool_error" }),
        });
        return;
      }
      case "turn-end":
        this.#toolNames.clear();
        return;
      default:
        return;
    }
  }

  #addRequest(event: UsageEvent): void {
    const { provider, model } = this.#model;
    const attributes = {
      "gen_ai.operation.name": "chat",
      ...modelAttributes({ provider: event.provider ?? provider, model: event.model ?? model }),
    };
    if (event.inputTokens > 0 || event.outputTokens > 0) {
      this.#tokens.record(event.inputTokens, { ...attributes, "gen_ai.token.type": "input" });
      this.#tokens.record(event.outputTokens, { ...attributes, "gen_ai.token.type": "output" });
    }
    if (event.durationMs === undefined) return;
    this.#requestSeconds.record(event.durationMs / 1000, {
      ...attributes,
      ...(event.failureCode != null && { "error.type": event.failureCode }),
    });
  }
}
