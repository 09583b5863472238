import { isContextFull, type ShrinkReason } from "../context/decide-shrink.ts";
import { type ShrinkResult, shrinkContext } from "../context/shrink-context.ts";
import type { Completion } from "../context/summarise.ts";
import type { ModelRequest } from "../ports/llm-provider.ts";
import type { TurnContext } from "./turn-context.ts";

/** The request of a step, with less in it when the context is full. Rejects with `signal.reason` when aborted. */
export async function fitContext(turn: TurnContext, request: ModelRequest): Promise<ModelRequest> {
  const { meter, threshold } = turn.window;
  const reading = meter.measure(request);
  const { usedTokens, maxTokens, isEstimated } = reading;
  turn.emit({
    type: "context-usage",
    usedTokens: Math.min(usedTokens, maxTokens || usedTokens),
    maxTokens,
    isEstimated,
  });
  // The common case first: most steps have room, and need not look at what could be left out.
  if (!isContextFull(reading, threshold)) return request;
  await shrinkForTurn(turn, request, "threshold");
  return { ...request, messages: turn.window.messages(turn.turnId) };
}

/** Null when nothing can be left out. */
export async function shortenAfterOverflow(turn: TurnContext, request: ModelRequest): Promise<ModelRequest | null> {
  const result = await shrinkForTurn(turn, request, "overflow");
  return result.kind === "shrunk" ? { ...request, messages: turn.window.messages(turn.turnId) } : null;
}

async function shrinkForTurn(turn: TurnContext, request: ModelRequest, reason: ShrinkReason): Promise<ShrinkResult> {
  const { window, turnId, transcript } = turn;
  const complete = async ({ system, messages }: ModelRequest): Promise<Completion> => {
    const prompt = messages.map(({ text }) => text).join("\n\n");
    const answer = await turn.complete({ system, prompt, label: "compaction", signal: turn.signal });
    return answer.kind === "finished" ? { kind: "text", text: answer.text } : answer;
  };
  const result = await shrinkContext({
    reason,
    view: window.view(),
    request,
    turn: { id: turnId, prompt: turn.prompt },
    threshold: window.threshold,
    meter: window.meter,
    breaker: window.breaker,
    complete,
    append: (content) => transcript.append(turnId, content),
    emit: (event) => turn.emit(event),
    signal: turn.signal,
  });
  if (result.kind === "shrunk") window.show(result.view);
  return result;
}
