import type { EngineEvent } from "./engine-event.ts";

/**
 * Where an event may stand. `outside`: not in a turn. `turn`: it begins or ends one. `between-steps`: in a turn, not in
 * a step. `step`: in a step. `call`: in a call, so in a step too. `anywhere`: also between turns.
 */
export type EventPlace = "outside" | "turn" | "between-steps" | "step" | "call" | "anywhere";

/** The place of every event. */
export const eventPlaces: { readonly [Tag in EngineEvent["type"]]: EventPlace } = {
  "session-start": "outside",
  "turn-start": "turn",
  "step-start": "between-steps",
  "text-delta": "step",
  "thinking-delta": "step",
  "text-retract": "step",
  retry: "step",
  "tool-call-start": "step",
  "tool-output": "call",
  "approval-request": "call",
  "approval-end": "call",
  "external-task": "call",
  "external-task-end": "call",
  "tool-call-end": "call",
  "step-end": "step",
  "loop-cap-reached": "between-steps",
  "turn-end": "turn",
  "input-accepted": "anywhere",
  "dead-letter": "anywhere",
  connection: "anywhere",
  usage: "anywhere",
  "context-usage": "anywhere",
  "context-shrunk": "anywhere",
  "tasks-updated": "anywhere",
  plan: "anywhere",
  "plan-step-start": "anywhere",
  "plan-step-end": "anywhere",
  "goal-progress": "anywhere",
  "goal-achieved": "anywhere",
  hook: "anywhere",
  audit: "anywhere",
  "context-providers": "anywhere",
  "state-changed": "anywhere",
  gap: "anywhere",
  "mode-changed": "anywhere",
  "model-changed": "anywhere",
  warning: "anywhere",
};

/**
 * Says where the events of one turn break their grammar; null when they fit:
 *
 *     turn  = turn-start { step | loop-cap-reached } turn-end
 *     step  = step-start { text | call } step-end
 *     text  = text-delta | thinking-delta | text-retract | retry
 *     call  = tool-call-start { tool-output | approval-request … approval-end | external-task … external-task-end } tool-call-end
 *
 * and anywhere the events whose {@link eventPlaces | place} that is. Calls of one step overlap; ids are used once. Steps
 * count on by one, from 1 unless the turn is continued. What follows a `gap` is not judged: its beginning is missing.
 */
export function findGrammarFault(events: readonly EngineEvent[]): string | null {
  if (events[0]?.type !== "turn-start") return "does not begin with turn-start";
  const turn = new TurnReading(events[0].isContinued);
  for (const [index, event] of events.slice(1).entries()) {
    if (event.type === "gap") return null;
    const fault = turn.isOver ? "after turn-end" : turn.take(event);
    if (fault !== null) return `event ${index + 1} (${event.type}): ${fault}`;
  }
  return turn.isOver ? null : "does not end with turn-end";
}

/** What is open while the events of a turn are read. */
class TurnReading {
  isOver = false;
  #step: number | null = null;
  /** The next step; null when a continued turn may begin with any. */
  #nextStep: number | null;
  readonly #calls = new Pairs();
  readonly #questions = new Pairs();
  readonly #tasks = new Pairs();

  constructor(isContinued: boolean) {
    this.#nextStep = isContinued ? null : 1;
  }

  /** Null when `event` fits here. */
  take(event: EngineEvent): string | null {
    const place = eventPlaces[event.type];
    if (place === "outside") return "inside a turn";
    if ((place === "step" || place === "call") && this.#step === null) return "outside a step";
    if (place === "between-steps" && this.#step !== null) return "inside a step";
    switch (event.type) {
      case "turn-start":
        return "a second one";
      case "turn-end":
        this.isOver = true;
        return this.#step === null ? null : "inside a step";
      case "step-start":
        if (this.#nextStep !== null && event.step !== this.#nextStep) return `expected step ${this.#nextStep}`;
        this.#step = event.step;
        this.#nextStep = event.step + 1;
        return null;
      case "step-end":
        if (event.step !== this.#step) return "of another step";
        this.#step = null;
        return this.#calls.hasOpen || this.#questions.hasOpen || this.#tasks.hasOpen ? "with something open" : null;
      case "tool-call-start":
        return this.#calls.begin(event.callId);
      case "tool-output":
        return this.#calls.need(event.callId);
      case "tool-call-end":
        return this.#calls.end(event.callId);
      case "approval-request":
        return this.#calls.need(event.callId) ?? this.#questions.begin(event.requestId);
      case "approval-end":
        return this.#questions.end(event.requestId);
      case "external-task":
        return this.#calls.need(event.callId) ?? this.#tasks.begin(event.taskId);
      case "external-task-end":
        return this.#tasks.end(event.taskId);
      default:
        return null;
    }
  }
}

/** Things that begin and end once each. */
class Pairs {
  readonly #open = new Set<string>();
  readonly #ended = new Set<string>();

  get hasOpen(): boolean {
    return this.#open.size > 0;
  }

  begin(id: string): string | null {
    if (this.#open.has(id) || this.#ended.has(id)) return `a second one of ${id}`;
    this.#open.add(id);
    return null;
  }

  need(id: string): string | null {
    return this.#open.has(id) ? null : `of ${id}, which is not open`;
  }

  end(id: string): string | null {
    this.#ended.add(id);
    return this.#open.delete(id) ? null : `of ${id}, which is not open`;
  }
}
