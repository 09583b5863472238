import { type ShrinkResult, shrinkContext } from "../context/shrink-context.ts";
import type { Completion } from "../context/summarise.ts";
import type { SessionParts } from "./session-parts.ts";
import type { SessionWorks } from "./session-works.ts";

/** Has the older part of the conversation summarised now, between two turns. A short one is left as it is. */
export async function compactSession(
  { catalog, agent }: SessionParts,
  works: SessionWorks,
  signal: AbortSignal,
): Promise<ShrinkResult> {
  const { window, transcript } = works;
  const turnId = transcript.entries.at(-1)?.turnId ?? "";
  const result = await shrinkContext({
    reason: "asked",
    view: window.view(),
    request: { system: agent.systemPrompt, messages: window.messages(turnId), tools: catalog.definitions() },
    turn: null,
    threshold: window.threshold,
    meter: window.meter,
    breaker: window.breaker,
    complete: async ({ system, messages }): Promise<Completion> => {
      const prompt = messages.map(({ text }) => text).join("\n\n");
      const answer = await works.complete({ system, prompt, label: "compaction", signal }, "");
      return answer.kind === "finished" ? { kind: "text", text: answer.text } : answer;
    },
    append: (content) => transcript.append(turnId, content),
    emit: (event) => works.emit(event),
    signal,
  });
  if (result.kind === "shrunk") window.show(result.view);
  return result;
}
