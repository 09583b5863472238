import {
  type Attributes,
  type Context,
  context,
  isSpanContextValid,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import type { EngineEvent } from "../events/engine-event.ts";
import type { ObservedSession } from "./observed-session.ts";
import type { ToolCallEnd, UsageEvent } from "./request-facts.ts";
import {
  messageAttribute,
  modelAttributes,
  requestAttributes,
  type ToolVerdict,
  toolEndAttributes,
  toolStartAttributes,
  turnEndAttributes,
} from "./span-attributes.ts";

export interface SessionTraceOptions {
  readonly tracer: Tracer;
  readonly includeContent: boolean;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** A span that has not ended, and what is part of it. */
interface OpenSpan {
  readonly span: Span;
  readonly context: Context;
}

interface OpenCall {
  readonly span: Span;
  verdict: ToolVerdict;
}

/** The spans of one session, made of its events. What is told of a turn whose start was not is left out. */
export class SessionTrace {
  readonly #session: ObservedSession;
  readonly #options: SessionTraceOptions;
  readonly #calls = new Map<string, OpenCall>();
  #model: { readonly provider: string; readonly model: string };
  #turn: OpenSpan | null = null;
  #step: OpenSpan | null = null;
  /** The earliest that the request told of next can have begun. */
  #requestSinceMs: number | null = null;

  constructor(session: ObservedSession, options: SessionTraceOptions) {
    this.#session = session;
    this.#options = options;
    this.#model = session;
  }

  take(event: EngineEvent): void {
    switch (event.type) {
      case "session-start":
      case "model-changed":
        this.#model = { provider: event.provider, model: event.model };
        return;
      case "turn-start":
        this.#startTurn(event);
        return;
      case "usage":
        this.#addRequest(event);
        return;
      default:
        if (this.#turn !== null) this.#takeInTurn(event, this.#turn);
    }
  }

  /** Ends what is open, as it is. */
  close(): void {
    for (const { span } of this.#calls.values()) this.#end(span, {});
    this.#calls.clear();
    this.#endStep();
    if (this.#turn !== null) this.#end(this.#turn.span, {});
    this.#turn = null;
    this.#requestSinceMs = null;
  }

  #takeInTurn(event: EngineEvent, turn: OpenSpan): void {
    switch (event.type) {
      case "step-start":
        this.#endStep();
        this.#step = this.#start("step", turn.context, { attributes: { "koda.step.number": event.step } });
        this.#requestSinceMs = this.#options.now();
        return;
      case "step-end":
        this.#endStep();
        return;
      case "retry":
        this.#requestSinceMs = this.#options.now() + event.waitMs;
        // The words after the code are the server's: they may repeat what it was sent.
        (this.#step ?? turn).span.addEvent("koda.retry", {
          "koda.retry.attempt": event.attempt,
          "koda.retry.wait_ms": event.waitMs,
          "error.type": /^[a-z_]+/.exec(event.reason)?.[0] ?? "_OTHER",
        });
        return;
      case "tool-call-start":
        this.#startCall(event, turn);
        return;
      case "approval-request": {
        const call = this.#calls.get(event.callId);
        if (call !== undefined) call.verdict = "ask";
        return;
      }
      case "tool-call-end":
        this.#endCall(event);
        return;
      case "turn-end":
        this.#endTurn(event, turn);
        return;
      default:
        return;
    }
  }

  #endStep(): void {
    if (this.#step !== null) this.#end(this.#step.span, {});
    this.#step = null;
  }

  #startTurn(event: Extract<EngineEvent, { readonly type: "turn-start" }>): void {
    this.close();
    const { agentName = "koda", parent = context.active() } = this.#session;
    const turn = this.#start(`invoke_agent ${agentName}`, parent, {
      attributes: {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": agentName,
        "gen_ai.conversation.id": this.#session.sessionId,
        ...modelAttributes(this.#model),
        "koda.turn.id": event.turnId,
        "koda.turn.number": event.turnNumber,
        "koda.turn.is_continued": event.isContinued,
        ...(this.#options.includeContent && { "gen_ai.input.messages": messageAttribute("user", event.prompt) }),
      },
    });
    // Where no SDK is registered there is nothing to take the rest of the turn to.
    if (isSpanContextValid(turn.span.spanContext())) this.#turn = turn;
  }

  #endTurn(event: Extract<EngineEvent, { readonly type: "turn-end" }>, { span }: OpenSpan): void {
    const { outcome } = event;
    span.setAttributes(turnEndAttributes(event));
    if (this.#options.includeContent && outcome.kind === "complete") {
      span.setAttribute("gen_ai.output.messages", messageAttribute("assistant", outcome.text));
    }
    if (outcome.kind === "error") span.setStatus({ code: SpanStatusCode.ERROR });
    this.close();
  }

  /** A request is told of when it is over, so its span is made and ended at once. */
  #addRequest(event: UsageEvent): void {
    const endedAtMs = this.#options.now();
    const isOfStep = event.label === "turn";
    const earliestMs = (isOfStep ? this.#requestSinceMs : null) ?? endedAtMs;
    const startedAtMs = event.durationMs === undefined ? earliestMs : endedAtMs - event.durationMs;
    if (isOfStep) this.#requestSinceMs = null;
    const model = { provider: event.provider ?? this.#model.provider, model: event.model ?? this.#model.model };
    const parent = (this.#step ?? this.#turn)?.context ?? this.#session.parent ?? context.active();
    const { span } = this.#start(`chat ${model.model}`, parent, {
      kind: SpanKind.CLIENT,
      startedAtMs: Math.min(startedAtMs, endedAtMs),
      attributes: {
        "gen_ai.operation.name": "chat",
        "gen_ai.conversation.id": this.#session.sessionId,
        "gen_ai.request.stream": true,
        ...modelAttributes(model),
      },
    });
    if (event.failureCode != null) span.setStatus({ code: SpanStatusCode.ERROR });
    this.#end(span, requestAttributes(event));
  }

  #startCall(event: Extract<EngineEvent, { readonly type: "tool-call-start" }>, turn: OpenSpan): void {
    if (this.#calls.has(event.callId)) return; // begun again after a restart: the same call
    const { span } = this.#start(`execute_tool ${event.name}`, (this.#step ?? turn).context, {
      attributes: {
        ...toolStartAttributes(event),
        ...(this.#options.includeContent && { "gen_ai.tool.call.arguments": JSON.stringify(event.input) }),
      },
    });
    this.#calls.set(event.callId, { span, verdict: "run" });
  }

  #endCall(event: ToolCallEnd): void {
    const call = this.#calls.get(event.callId);
    if (call === undefined) return;
    this.#calls.delete(event.callId);
    if (event.outcome === "error") call.span.setStatus({ code: SpanStatusCode.ERROR });
    this.#end(call.span, {
      ...toolEndAttributes(event, call.verdict),
      ...(this.#options.includeContent && { "gen_ai.tool.call.result": event.text }),
    });
  }

  #start(
    name: string,
    parent: Context,
    options: { readonly attributes: Attributes; readonly kind?: SpanKind; readonly startedAtMs?: number },
  ): OpenSpan {
    const { attributes, kind = SpanKind.INTERNAL, startedAtMs = this.#options.now() } = options;
    // A Date: a bare number could be taken for one of the performance clock.
    const span = this.#options.tracer.startSpan(name, { kind, attributes, startTime: new Date(startedAtMs) }, parent);
    return { span, context: trace.setSpan(parent, span) };
  }

  #end(span: Span, attributes: Attributes): void {
    span.setAttributes(attributes);
    span.end(new Date(this.#options.now()));
  }
}
