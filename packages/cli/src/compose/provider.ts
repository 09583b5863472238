import { closeSync, openSync } from "node:fs";
import type { LlmProvider } from "@koda/core";
import type { ProviderConfig } from "../config/load-config.ts";
import { CliError } from "../errors.ts";

/** The model that a bare OpenAI key asks. Any other: `--model`. */
const defaultOpenAiModel = "gpt-5";

/**
 * The provider that flags and environment name. The vendor's SDK loads in the background.
 *
 * @throws {CliError} `provider_unconfigured` with the shortest ways to get one; `usage` when `record` cannot be written.
 */
export async function openProvider(
  config: ProviderConfig,
  options: { readonly record: string | null },
): Promise<LlmProvider> {
  if (config.apiKey === null && config.baseUrl === null) throw new CliError("provider_unconfigured", noProvider);
  if (options.record !== null) checkWritable(options.record);
  const { createOpenAi, preloadOpenAi, recordingFetch } = await import("@koda/providers");
  void preloadOpenAi(); // loads while the sandbox opens; a failure shows at the first request
  const connection = {
    apiKey: config.apiKey ?? "none",
    ...(config.baseUrl === null ? {} : { baseUrl: config.baseUrl }),
  };
  const model = config.model ?? (config.baseUrl === null ? defaultOpenAiModel : await firstModel(connection));
  return createOpenAi({
    ...connection,
    model,
    ...(options.record === null ? {} : { fetch: recordingFetch(options.record) }),
  });
}

/**
 * The first model that a server lists. One that serves no list (it is optional for a gateway) is asked for the default.
 *
 * @throws {CliError} `provider_unconfigured` when the list is empty.
 */
async function firstModel(connection: { readonly apiKey: string; readonly baseUrl?: string }): Promise<string> {
  const { listOpenAiModels, ProviderError } = await import("@koda/providers");
  try {
    const [model] = await listOpenAiModels(connection);
    if (model !== undefined) return model;
  } catch (error) {
    if (error instanceof ProviderError && [404, 405, 501].includes(error.status ?? 0)) return defaultOpenAiModel;
    throw error;
  }
  throw new CliError("provider_unconfigured", `${connection.baseUrl} lists no model; name one with --model`);
}

/** A recording that cannot be kept is refused before anything is asked of the model. */
function checkWritable(path: string): void {
  try {
    closeSync(openSync(path, "a", 0o600));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CliError("usage", `the cassette cannot be written: ${reason}`, { cause });
  }
}

const noProvider = `No model is configured. The three shortest ways:

  OpenAI      export OPENAI_API_KEY=sk-…
  Anthropic   export OPENAI_API_KEY=sk-ant-…
              koda --base-url https://api.anthropic.com/v1 --model claude-sonnet-4-5
  Ollama      ollama pull qwen3-coder
              koda --base-url http://localhost:11434/v1 --model qwen3-coder

Any OpenAI-compatible server works. To see Koda without a model: koda demo`;
