import { z } from "zod";
import { ProviderError } from "../errors.ts";
import { createConnection } from "./connection.ts";

export interface ListModelsOptions {
  /** Empty, or `none`: no credentials are sent. */
  readonly apiKey: string;
  /** Default `https://api.openai.com/v1`. */
  readonly baseUrl?: string | undefined;
  readonly fetch?: typeof fetch | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Default 10 000. */
  readonly timeoutMs?: number | undefined;
}

const modelList = z.object({ data: z.array(z.object({ id: z.string() })) });

/**
 * The ids that `GET /models` names, in the server's order. Empty when it serves none.
 *
 * @throws {ProviderError} as `stream` does; `signal.reason` when aborted.
 */
export async function listOpenAiModels(options: ListModelsOptions): Promise<readonly string[]> {
  const { signal = new AbortController().signal, timeoutMs = 10_000 } = options;
  const connection = createConnection({ ...options, timeoutMs });
  try {
    const response = await connection.send((client, request) => client.models.list(request).asResponse(), signal);
    const parsed = modelList.safeParse(await response.json().catch(() => null));
    if (!parsed.success) throw new ProviderError("bad_response", `${connection.server} sent no list of models`);
    return parsed.data.data.map((model) => model.id);
  } catch (error) {
    signal.throwIfAborted();
    throw connection.toError(error);
  }
}
