import { randomUUID } from "node:crypto";
import { ProviderError } from "../errors.ts";
import type { LlmProvider, ModelPrice, ModelRequest, StreamPart } from "../llm-provider.ts";
import { findModelFacts } from "../prices.ts";
import { readEvents, type ServerSentEvent } from "../read-events.ts";
import { type Connection, createConnection } from "./connection.ts";
import { fromEvents } from "./from-events.ts";
import { type RequestSettings, toRequest } from "./to-request.ts";

export interface OpenAiOptions {
  /** Empty, or `none`: no credentials are sent, as local servers (Ollama, LM Studio, vLLM) want it. */
  readonly apiKey: string;
  /** Default `https://api.openai.com/v1`. */
  readonly baseUrl?: string | undefined;
  readonly model: string;
  /** Default: the global one. Give a recording one to write a cassette. */
  readonly fetch?: typeof fetch | undefined;
  /** Default `openai`. */
  readonly id?: string | undefined;
  /** Absent: the server's own limit. */
  readonly maxOutputTokens?: number | undefined;
  /** The longest silence, before the answer and within it. Default 300 000: local models read long prompts slowly. */
  readonly timeoutMs?: number | undefined;
  /** Dollars for a million tokens. Default: the list price at the vendor's own API, where it holds for `contextWindow`; else unknown. */
  readonly price?: ModelPrice | undefined;
  /** Tokens that a request and its answer may have together. Default: what is known of the model there; else unknown. */
  readonly contextWindow?: number | undefined;
}

/**
 * A model behind the OpenAI chat-completions API, at OpenAI or any server that speaks it.
 * Nothing is repeated here: who holds the session decides on retries, by the error's `code`.
 *
 * @throws {ProviderError} `unconfigured` for an empty model or a base URL or key that cannot be used.
 */
export function createOpenAi(options: OpenAiOptions): LlmProvider {
  if (options.model === "") throw new ProviderError("unconfigured", "no model named");
  const { id = "openai", model, maxOutputTokens, timeoutMs = 300_000 } = options;
  const connection = createConnection({ ...options, timeoutMs });
  const outputLimitField = connection.isOpenAi ? "max_completion_tokens" : "max_tokens";
  const settings: RequestSettings = { model, maxOutputTokens, outputLimitField };
  const facts = findModelFacts(connection.host, model);
  const contextWindow = options.contextWindow ?? facts?.contextWindow;
  // A longer request may be priced otherwise.
  const isListed = facts !== null && contextWindow !== undefined && contextWindow <= facts.contextWindow;
  return {
    id,
    model,
    contextWindow,
    price: options.price ?? (isListed ? facts.price : undefined),
    stream: (request, { signal }) => streamAnswer(request, { connection, settings, signal }),
  };
}

/**
 * Loads the vendor's SDK (about 100 ms) while other things open, so that the first request need not. Optional;
 * a second call costs nothing.
 */
export async function preloadOpenAi(): Promise<void> {
  await import("openai");
}

async function* streamAnswer(
  request: ModelRequest,
  { connection, settings, signal }: { connection: Connection; settings: RequestSettings; signal: AbortSignal },
): AsyncGenerator<StreamPart, void, undefined> {
  try {
    const body = toRequest(request, settings);
    const response = await connection.send(
      (client, options) => client.chat.completions.create(body, options).asResponse(),
      signal,
    );
    yield* fromEvents(toEvents(response, { connection, signal }), {
      usedCallIds: usedCallIds(request),
      newCallId,
      server: connection.server,
    });
  } catch (error) {
    signal.throwIfAborted();
    throw connection.toError(error);
  }
}

/** A server that does not stream answers with one JSON document: it is read as a stream of one chunk. */
async function* toEvents(
  response: Response,
  { connection, signal }: { connection: Connection; signal: AbortSignal },
): AsyncGenerator<ServerSentEvent, void, undefined> {
  const { server, timeoutMs: silenceMs } = connection;
  if (response.body === null) return;
  if (response.headers.get("content-type")?.startsWith("application/json")) {
    yield { data: await response.text() };
    yield { data: "[DONE]" };
    return;
  }
  yield* readEvents(response.body, { signal, silenceMs, server });
}

function usedCallIds(request: ModelRequest): readonly string[] {
  return request.messages.flatMap((message) =>
    message.role === "assistant" ? message.toolCalls.map((call) => call.callId) : [],
  );
}

/** Nine letters and digits: the one form that every server, Mistral's too, takes back. */
function newCallId(): string {
  return randomUUID().replaceAll("-", "").slice(0, 9);
}
