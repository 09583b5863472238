import { ProviderError } from "../errors.ts";
import type { FinishReason, StreamPart, TokenUsage } from "../llm-provider.ts";
import type { ServerSentEvent } from "../read-events.ts";
import { fromErrorDetail } from "./to-provider-error.ts";
import { ToolCallCollector } from "./tool-call-collector.ts";
import { type Chunk, chunk, type Delta, errorDetail, type WireUsage } from "./wire.ts";

export interface FromEventsOptions {
  /** Ids of earlier calls; the answer's own ids never repeat them. */
  readonly usedCallIds: Iterable<string>;
  readonly newCallId: () => string;
  /** Names the server in errors. */
  readonly server: string;
}

/**
 * Chat-completion chunks as our parts. An event that is no JSON object is skipped.
 * Tool calls and usage come at the end, once, before `finish`; calls of a cut answer never come.
 *
 * An answer has ended when a finish reason or `[DONE]` arrived: servers forget one or the other.
 * When neither did, it was cut, however orderly the connection closed.
 *
 * @throws {ProviderError} `stream_cut` for a cut answer, `bad_response` when no chunk came at all,
 *   else what an error event says.
 */
export async function* fromEvents(
  events: AsyncIterable<ServerSentEvent>,
  options: FromEventsOptions,
): AsyncGenerator<StreamPart, void, undefined> {
  const calls = new ToolCallCollector({ usedIds: options.usedCallIds, newCallId: options.newCallId });
  let usage: WireUsage | null = null;
  let finishReason: string | null = null;
  let isDone = false;
  let chunkCount = 0;
  for await (const event of events) {
    if (event.data.trim() === "[DONE]") {
      isDone = true;
      break;
    }
    for (const parsed of parseChunks(event)) {
      if (parsed.error) throw fromErrorDetail(parsed.error, options.server);
      chunkCount += 1;
      usage = parsed.usage ?? usage;
      const choice = parsed.choices?.find((candidate) => (candidate.index ?? 0) === 0);
      finishReason = choice?.finish_reason || finishReason;
      const delta = choice?.delta ?? choice?.message;
      if (delta) yield* fromDelta(delta, calls);
    }
  }
  if (chunkCount === 0) throw new ProviderError("bad_response", `${options.server} sent an empty stream`);
  if (finishReason === null && !isDone) {
    throw new ProviderError("stream_cut", `${options.server} ended the stream before the answer was whole`);
  }
  for (const call of calls.finish()) yield { type: "tool-call", ...call };
  if (usage !== null) yield { type: "usage", ...toUsage(usage) };
  yield { type: "finish", reason: toFinishReason(finishReason, calls.size) };
}

function* fromDelta(delta: Delta, calls: ToolCallCollector): Generator<StreamPart> {
  const thinking = delta.reasoning_content || delta.reasoning;
  if (thinking) yield { type: "thinking-delta", text: thinking };
  if (delta.content) yield { type: "text-delta", text: delta.content };
  if (delta.refusal) yield { type: "text-delta", text: delta.refusal };
  for (const fragment of delta.tool_calls ?? []) {
    const start = calls.add(fragment);
    if (start !== null) yield start;
  }
}

/** One chunk per event; where a broken line ran together with a good one, the good one is kept. */
function parseChunks(event: ServerSentEvent): readonly Chunk[] {
  const whole = parseJson(event.data);
  if (event.event === "error") return [{ error: toErrorDetail(whole ?? event.data) }];
  const values = whole === undefined && event.data.includes("\n") ? event.data.split("\n").map(parseJson) : [whole];
  return values.flatMap((value) => {
    const parsed = chunk.safeParse(value);
    return parsed.success ? [parsed.data] : [];
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the caller skips it: one broken line must not end an answer
  }
}

/** An `error` event holds `{"error": …}` or the detail itself. */
function toErrorDetail(value: unknown): Chunk["error"] {
  const wrapped = chunk.safeParse(value);
  if (wrapped.success && wrapped.data.error) return wrapped.data.error;
  const bare = errorDetail.safeParse(value);
  return bare.success ? bare.data : "unreadable error";
}

function toUsage(usage: WireUsage): TokenUsage {
  return {
    inputTokens: usage.prompt_tokens ?? 0,
    outputTokens: usage.completion_tokens ?? 0,
    cacheReadTokens: usage.prompt_tokens_details?.cached_tokens ?? usage.prompt_cache_hit_tokens ?? 0,
    thinkingTokens: usage.completion_tokens_details?.reasoning_tokens ?? 0,
  };
}

/** Some servers say `stop`, or nothing, after tool calls: the calls are what counts. */
function toFinishReason(wire: string | null, callCount: number): FinishReason {
  switch (wire) {
    case null:
    case "stop":
    case "tool_calls":
    case "function_call":
      return callCount > 0 ? "tool-calls" : "stop";
    case "length":
      return "length";
    case "content_filter":
      return "content-filter";
    default:
      return callCount > 0 ? "tool-calls" : "other";
  }
}
