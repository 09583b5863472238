import type { EngineEvent } from "../../src/events/engine-event.ts";

/**
 * Says where a turn breaks the grammar of events; null when it fits:
 * `turn-start (step-start … step-end | loop-cap-reached)* turn-end`, calls and questions paired inside one step, text
 * and retries only inside a step, and nothing after the end.
 */
export function findGrammarFault(events: readonly EngineEvent[]): string | null {
  if (events[0]?.type !== "turn-start") return "does not begin with turn-start";
  if (events.at(-1)?.type !== "turn-end") return "does not end with turn-end";
  const calls = new Map<string, "open" | "ended">();
  const questions = new Map<string, "open" | "ended">();
  let step: number | null = null;
  let steps = 0;
  for (const [index, event] of events.entries()) {
    const fault = (why: string): string => `event ${index} (${event.type}): ${why}`;
    switch (event.type) {
      case "turn-start":
        if (index !== 0) return fault("a second one");
        break;
      case "turn-end":
        if (index !== events.length - 1) return fault("not the last");
        if (step !== null) return fault("inside a step");
        break;
      case "step-start":
        if (step !== null) return fault("inside a step");
        steps += 1;
        if (event.step !== steps) return fault(`expected step ${steps}`);
        step = event.step;
        break;
      case "step-end":
        if (step !== event.step) return fault("of another step");
        if ([...calls.values(), ...questions.values()].includes("open")) return fault("with something open");
        step = null;
        break;
      case "tool-call-start":
        if (step === null) return fault("outside a step");
        if (calls.has(event.callId)) return fault("a second one");
        calls.set(event.callId, "open");
        break;
      case "tool-output":
        if (calls.get(event.callId) !== "open") return fault("of a call that is not open");
        break;
      case "tool-call-end":
        if (calls.get(event.callId) !== "open") return fault("of a call that is not open");
        calls.set(event.callId, "ended");
        break;
      case "approval-request":
        if (calls.get(event.callId) !== "open") return fault("of a call that is not open");
        if (questions.has(event.requestId)) return fault("a second one");
        questions.set(event.requestId, "open");
        break;
      case "approval-end":
        if (questions.get(event.requestId) !== "open") return fault("of a question that is not open");
        questions.set(event.requestId, "ended");
        break;
      case "text-delta":
      case "thinking-delta":
      case "text-retract":
      case "retry":
      case "usage":
        if (step === null) return fault("outside a step");
        break;
      case "loop-cap-reached":
        if (step !== null) return fault("inside a step");
        break;
      case "session-start":
        return fault("inside a turn");
      case "connection":
      case "mode-changed":
      case "model-changed":
      case "warning":
        break;
      default:
        break; // what may come anywhere
    }
  }
  return null;
}
