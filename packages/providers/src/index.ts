export { ProviderError, type ProviderErrorCode, type ProviderErrorOptions } from "./errors.ts";
export type {
  FinishReason,
  LlmFailureCode,
  LlmProvider,
  ModelMessage,
  ModelPrice,
  ModelRequest,
  ModelToolCall,
  StreamPart,
  TokenUsage,
  ToolDefinition,
} from "./llm-provider.ts";
export { createOpenAi, type OpenAiOptions, preloadOpenAi } from "./openai/create-openai.ts";
export { type ListModelsOptions, listOpenAiModels } from "./openai/list-models.ts";
export { findModelFacts, type ModelFacts, priceSources, pricesDate } from "./prices.ts";
export { type Cassette, type CassetteHeader, type Exchange, parseCassette, toCassetteLine } from "./replay/cassette.ts";
export { openReplayServer, type ReplayOptions, type ReplayServer } from "./replay/open-replay-server.ts";
export { type RecordingFetch, recordingFetch } from "./replay/recording-fetch.ts";
