import type {
  FinishReason,
  LlmFailure,
  ModelRequest,
  ModelToolCall,
  StreamPart,
  TokenUsage,
} from "../ports/llm-provider.ts";
import { abortable } from "./abortable.ts";
import { DraftWriter } from "./draft-writer.ts";
import { toLlmFailure } from "./llm-failure.ts";
import type { TurnContext } from "./turn-context.ts";

/** What one attempt brought. JSON: it is the recorded result of an effect. */
export interface Attempt {
  readonly text: string;
  readonly thinking: string;
  /** With the ids of the provider. */
  readonly toolCalls: readonly ModelToolCall[];
  readonly usage: TokenUsage | null;
  readonly end:
    | { readonly kind: "finished"; readonly reason: FinishReason }
    | { readonly kind: "failed"; readonly failure: LlmFailure }
    | { readonly kind: "aborted" };
}

/**
 * Asks the model once and tells deltas as they come; they are also kept as a draft, at most half a second behind.
 * Failure and abort are values: what arrived before is in the result. Does not wait for a provider that ignores the
 * signal.
 */
export async function streamAnswer(turn: TurnContext, key: string, request: ModelRequest): Promise<Attempt> {
  const text: string[] = [];
  const thinking: string[] = [];
  const toolCalls: ModelToolCall[] = [];
  let usage: TokenUsage | null = null;
  let reason: FinishReason | null = null;
  const toAttempt = (end: Attempt["end"]): Attempt => ({
    text: text.join("").toWellFormed(),
    thinking: thinking.join("").toWellFormed(),
    toolCalls,
    usage,
    end,
  });

  await using draft = new DraftWriter(turn.effects, key, () =>
    turn.transcript.draft({ turnId: turn.turnId, text: text.join(""), thinking: thinking.join("") }),
  );
  let iterator: AsyncIterator<StreamPart> | null = null;
  try {
    iterator = turn.provider.stream(request, { signal: turn.signal })[Symbol.asyncIterator]();
    while (reason === null) {
      const next = await abortable(iterator.next(), turn.signal);
      if (next.done) return toAttempt({ kind: "failed", failure: cutFailure });
      const part = next.value;
      switch (part.type) {
        case "text-delta":
          text.push(part.text);
          turn.emit({ type: "text-delta", text: part.text });
          draft.touch();
          break;
        case "thinking-delta":
          thinking.push(part.text);
          turn.emit({ type: "thinking-delta", text: part.text });
          draft.touch();
          break;
        case "tool-call-start":
          break;
        case "tool-call":
          toolCalls.push({ callId: part.callId, name: part.name, argumentsJson: part.argumentsJson });
          break;
        case "usage": {
          usage = toCounts(part);
          turn.emit({ type: "usage", ...usage });
          break;
        }
        case "finish":
          reason = part.reason;
          break;
        default:
          part satisfies never;
      }
    }
    return toAttempt({ kind: "finished", reason });
  } catch (error) {
    if (turn.signal.aborted) return toAttempt({ kind: "aborted" });
    return toAttempt({ kind: "failed", failure: toLlmFailure(error) });
  } finally {
    letGo(iterator);
  }
}

/** A server may report any number. One that counts nothing is none, so that it can be stored and summed up. */
function toCounts(usage: TokenUsage): TokenUsage {
  const toCount = (value: number): number => (Number.isSafeInteger(value) && value > 0 ? value : 0);
  return {
    inputTokens: toCount(usage.inputTokens),
    outputTokens: toCount(usage.outputTokens),
    cacheReadTokens: toCount(usage.cacheReadTokens),
    thinkingTokens: toCount(usage.thinkingTokens),
  };
}

/** Asks the provider to close its request. Neither how long that takes nor how it ends is of use to the turn. */
function letGo(iterator: AsyncIterator<StreamPart> | null): void {
  iterator?.return?.().then(undefined, () => null);
}

const cutFailure: LlmFailure = { code: "stream_cut", message: "the answer ended before it was finished" };
