import type {
  FinishReason,
  LlmFailure,
  LlmProvider,
  ModelRequest,
  ModelToolCall,
  StreamPart,
  TokenUsage,
} from "../ports/llm-provider.ts";
import { abortable } from "./abortable.ts";
import { toLlmFailure } from "./llm-failure.ts";

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

/** Told what arrives, as it does; what it gives is what becomes of a delta (none, less, or more of it than came). */
export interface AnswerListener {
  onText(delta: string): string;
  onThinking(delta: string): string;
  onUsage(usage: TokenUsage): void;
  /** Nothing more comes: what was held back of text and thinking. */
  onEnd(): { readonly text: string; readonly thinking: string };
}

/**
 * Asks the model once. Failure and abort are values: what arrived before is in the result. Does not wait for a provider
 * that ignores the signal.
 */
export async function collectAnswer(
  provider: LlmProvider,
  request: ModelRequest,
  { signal, listener }: { readonly signal: AbortSignal; readonly listener: AnswerListener },
): Promise<Attempt> {
  const text: string[] = [];
  const thinking: string[] = [];
  const toolCalls: ModelToolCall[] = [];
  let usage: TokenUsage | null = null;
  let chars = 0;
  let reason: FinishReason | null = null;
  const toAttempt = (end: Attempt["end"]): Attempt => {
    const rest = listener.onEnd();
    return {
      text: (text.join("") + rest.text).toWellFormed(),
      thinking: (thinking.join("") + rest.thinking).toWellFormed(),
      toolCalls,
      usage,
      end,
    };
  };

  let iterator: AsyncIterator<StreamPart> | null = null;
  try {
    iterator = provider.stream(request, { signal })[Symbol.asyncIterator]();
    while (reason === null) {
      const next = await abortable(iterator.next(), signal);
      if (next.done) return toAttempt({ kind: "failed", failure: cutFailure });
      const part = next.value;
      chars += sizeOf(part);
      if (chars > maxAnswerChars || toolCalls.length > maxCalls) {
        return toAttempt({ kind: "failed", failure: tooLongFailure });
      }
      switch (part.type) {
        case "text-delta":
          text.push(listener.onText(part.text));
          break;
        case "thinking-delta":
          thinking.push(listener.onThinking(part.text));
          break;
        case "tool-call-start":
          break;
        case "tool-call":
          toolCalls.push({ callId: part.callId, name: part.name, argumentsJson: part.argumentsJson });
          break;
        case "usage":
          usage = toCounts(part);
          listener.onUsage(usage);
          break;
        case "finish":
          reason = part.reason;
          break;
        default:
          part satisfies never;
      }
    }
    return toAttempt({ kind: "finished", reason });
  } catch (error) {
    if (signal.aborted) return toAttempt({ kind: "aborted" });
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
    cacheWriteTokens: toCount(usage.cacheWriteTokens ?? 0),
    thinkingTokens: toCount(usage.thinkingTokens),
  };
}

/** Asks the provider to close its request. Neither how long that takes nor how it ends is of use to the turn. */
function letGo(iterator: AsyncIterator<StreamPart> | null): void {
  const end = async (): Promise<unknown> => await iterator?.return?.();
  end().catch(() => null);
}

function sizeOf(part: StreamPart): number {
  if (part.type === "text-delta" || part.type === "thinking-delta") return part.text.length;
  return part.type === "tool-call" ? part.argumentsJson.length + part.name.length : 0;
}

/** More than any model writes at once: a server that goes on is broken, or an enemy. */
const maxAnswerChars = 8_000_000;
const maxCalls = 1000;
const tooLongFailure: LlmFailure = {
  code: "bad_response",
  message: `the answer is longer than ${maxAnswerChars} characters, or has more than ${maxCalls} calls`,
};
const cutFailure: LlmFailure = { code: "stream_cut", message: "the answer ended before it was finished" };
