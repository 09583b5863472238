import type { LlmProvider, ModelRequest } from "../ports/llm-provider.ts";
import { type Attempt, collectAnswer } from "../turn/collect-answer.ts";

/** What one bounded request brought. JSON: it is the recorded result of an effect. */
export interface BoundedAttempt {
  /** Its text has at most `maxChars` characters; one that was stopped there counts as finished. */
  readonly attempt: Attempt;
  readonly isTruncated: boolean;
}

/** As {@link collectAnswer}, but stops the request once it has brought more than `maxChars` characters. */
export async function collectBounded(
  provider: LlmProvider,
  request: ModelRequest,
  { signal, maxChars }: { readonly signal: AbortSignal; readonly maxChars: number },
): Promise<BoundedAttempt> {
  const stop = new AbortController();
  let chars = 0;
  const attempt = await collectAnswer(provider, request, {
    signal: AbortSignal.any([signal, stop.signal]),
    listener: {
      onText: (delta) => {
        chars += delta.length;
        if (chars > maxChars) stop.abort(new DOMException("the answer is long enough", "AbortError"));
        return delta;
      },
      onThinking: () => "",
      onUsage: () => undefined,
      onEnd: () => ({ text: "", thinking: "" }),
    },
  });
  if (chars <= maxChars) {
    return { attempt, isTruncated: attempt.end.kind === "finished" && attempt.end.reason === "length" };
  }
  const text = attempt.text.slice(0, maxChars).toWellFormed();
  const isStopped = attempt.end.kind === "aborted" && !signal.aborted;
  return { attempt: { ...attempt, text, ...(isStopped && { end: finished }) }, isTruncated: true };
}

const finished: Attempt["end"] = { kind: "finished", reason: "length" };
