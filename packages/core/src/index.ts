export { defaultSystemPrompt } from "./agent/default-system-prompt.ts";
export { KodaAgent, type KodaAgentOptions } from "./agent/koda-agent.ts";
export type { AttachItem, AttachState } from "./attach/attach-item.ts";
export { type AttachOptions, attachSession } from "./attach/attach-session.ts";
export { createRemoteControl, type RemoteControl, type RemoteControlOptions } from "./attach/remote-control.ts";
export { defaultThreshold } from "./context/decide-shrink.ts";
export { type LoadedView, loadView, viewChars } from "./context/load-view.ts";
export { createInProcessEffects } from "./effects/in-process-effects.ts";
export { recordEffects } from "./effects/record-effects.ts";
export { createEffectRecording, type EffectRecording } from "./effects/recording.ts";
export { replayEffects } from "./effects/replay-effects.ts";
export { CoreError, type CoreErrorCode } from "./errors.ts";
export type { EngineCommand } from "./events/engine-command.ts";
export {
  type ApprovalRequest,
  type EngineEvent,
  engineEventVersion,
  type TurnTiming,
  type WarningCode,
} from "./events/engine-event.ts";
export { FileTracker } from "./files/file-tracker.ts";
export { displayPath, isInside, resolvePath } from "./files/resolve-path.ts";
export { loadKeyFiles, usualKeyFiles } from "./guard/load-key-files.ts";
export type { SecurityConfig } from "./guard/security-config.ts";
export { HookEngine } from "./hooks/hook-engine.ts";
export { parseHookRecord } from "./hooks/hook-record.ts";
export { type CommandHookOptions, toCommandHook } from "./hooks/to-command-hook.ts";
export type { TurnBudget } from "./ledger/budget.ts";
export { readUsageReport, sumTotals, type UsageReport } from "./ledger/usage-report.ts";
export type { Effects } from "./ports/effects.ts";
export type {
  FinishReason,
  LlmFailure,
  LlmFailureCode,
  LlmProvider,
  ModelMessage,
  ModelRequest,
  ModelToolCall,
  StreamPart,
  TokenUsage,
  ToolDefinition,
} from "./ports/llm-provider.ts";
export type { PathGuard, PathVerdict } from "./ports/path-guard.ts";
export type { ProxyEndpoint } from "./ports/proxy-endpoint.ts";
export type { Enforcement, Runner, RunRequest, RunResult } from "./ports/runner.ts";
export type { Toolbox, ToolboxTool } from "./ports/toolbox.ts";
export { type DeleteSessionOptions, deleteSession } from "./session/delete-session.ts";
export { type ForkOptions, forkSession } from "./session/fork-session.ts";
export type { KodaSession } from "./session/koda-session.ts";
export { type OpenSessionOptions, openSession } from "./session/open-session.ts";
export { isLeaseOwnerAlive } from "./session/process-identity.ts";
export type { TranscriptLine } from "./session/transcript-lines.ts";
export { toTranscriptLines } from "./session/transcript-lines.ts";
export { findUnfinishedTurn, type UnfinishedTurn } from "./session/unfinished-turn.ts";
export type { BlobStore } from "./store/blob-store.ts";
export type { ConnectionRecord } from "./store/connection-record.ts";
export type { AssistantContent, Draft, Entry, EntryContent, SummaryContent, UserContent } from "./store/entry.ts";
export type { InputRecord, InputStore } from "./store/input-store.ts";
export type { JournalStore, SearchHit, SearchScope } from "./store/journal-store.ts";
export type {
  AuditRecord,
  AuditSeverity,
  LedgerStore,
  ToolMetrics,
  UsageFilter,
  UsageGroup,
  UsageRecord,
  UsageTotals,
} from "./store/ledger-store.ts";
export type { LiveBatch, LiveStore } from "./store/live-store.ts";
export type { MemoryItem, MemoryItemStore, MemoryKind } from "./store/memory-item-store.ts";
export { createMemoryStore } from "./store/memory-store.ts";
export type {
  HookRecord,
  HostRuleRecord,
  McpServerRecord,
  PermissionRuleRecord,
  ProjectStore,
} from "./store/project-store.ts";
export type {
  LeaseAnswer,
  LeaseOwner,
  SessionChange,
  SessionRecord,
  SessionState,
  SessionWriter,
} from "./store/session-record.ts";
export type { SessionStore } from "./store/session-store.ts";
export { openSqliteStore } from "./store/sqlite-store.ts";
export type { Store } from "./store/store.ts";
export type { TaskItem, TaskPriority, TaskStatus, TaskStore } from "./store/task-store.ts";
export type { ToolCallOutcome, ToolCallRecord, ToolCallResult, ToolOrigin } from "./store/tool-call-record.ts";
export type { TurnLimit, TurnOutcome } from "./store/turn-outcome.ts";
export type { WaitKind, WaitRecord, WaitStore } from "./store/wait-store.ts";
export { builtInTools } from "./tools/built-in-tools.ts";
export { ToolCatalog } from "./tools/catalog.ts";
export type { FileChange } from "./tools/file-change.ts";
export { shellQuote } from "./tools/shell-quote.ts";
export type { AssessContext, CallAssessment, Tool, ToolContext, ToolResult } from "./tools/tool.ts";
export type { ToolEffect } from "./tools/tool-effect.ts";
export { exportSession } from "./transfer/export-session.ts";
export { type ImportOptions, importSession } from "./transfer/import-session.ts";
export { type BashClassification, classifyBash, preloadBashGrammar } from "./trust/classify-bash.ts";
export { alwaysRuleFor, type CallQuestion, decideCall } from "./trust/decide-call.ts";
export type { Decision } from "./trust/decision.ts";
export { matchesRule, type RuleQuestion } from "./trust/match-rule.ts";
export { type PermissionRule, parsePermissionRule } from "./trust/permission-rule.ts";
export { parseTrustMode, type TrustMode, trustModes } from "./trust/trust-mode.ts";
export type { Approvals } from "./turn/turn-context.ts";
