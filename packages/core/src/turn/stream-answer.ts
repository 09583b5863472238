import type { ModelRequest } from "../ports/llm-provider.ts";
import { type AnswerListener, type Attempt, collectAnswer } from "./collect-answer.ts";
import { DraftWriter } from "./draft-writer.ts";
import type { TurnContext } from "./turn-context.ts";

/**
 * Asks the model once for a step and tells deltas as they come; they are also kept as a draft, at most half a second
 * behind. Secrets in them are replaced before anybody sees them, also where they are split over deltas.
 */
export async function streamAnswer(turn: TurnContext, key: string, request: ModelRequest): Promise<Attempt> {
  const text: string[] = [];
  const thinking: string[] = [];
  await using draft = new DraftWriter(turn.effects, key, () =>
    turn.transcript.draft({ turnId: turn.turnId, text: text.join(""), thinking: thinking.join("") }),
  );
  const safeText = turn.guard.stream();
  const safeThinking = turn.guard.stream();
  const tell = (kind: "text-delta" | "thinking-delta", parts: string[], delta: string): string => {
    if (delta === "") return "";
    parts.push(delta);
    turn.emit({ type: kind, text: delta });
    draft.touch();
    return delta;
  };
  const listener: AnswerListener = {
    onText: (delta) => tell("text-delta", text, safeText.push(delta)),
    onThinking: (delta) => tell("thinking-delta", thinking, safeThinking.push(delta)),
    onUsage: () => undefined,
    onEnd: () => ({
      thinking: tell("thinking-delta", thinking, safeThinking.flush()),
      text: tell("text-delta", text, safeText.flush()),
    }),
  };
  const attempt = await collectAnswer(turn.provider, request, { signal: turn.signal, listener });
  if (attempt.end.kind !== "failed") return attempt;
  // Servers repeat what they were sent, keys too.
  const { failure } = attempt.end;
  return {
    ...attempt,
    end: { kind: "failed", failure: { ...failure, message: turn.guard.redact(failure.message) } },
  };
}
