export { defaultSystemPrompt } from "./agent/default-system-prompt.ts";
export { KodaAgent, type KodaAgentOptions } from "./agent/koda-agent.ts";
export type { AttachItem, AttachState } from "./attach/attach-item.ts";
export { type AttachOptions, attachSession } from "./attach/attach-session.ts";
export type { ObservedStore } from "./attach/read-state.ts";
export { createRemoteControl, type RemoteControl, type RemoteControlOptions } from "./attach/remote-control.ts";
export type { Complete, CompletionRequest, CompletionResult } from "./completion/direct-completion.ts";
export { generateTitle } from "./completion/generate-title.ts";
export type { ContextReading } from "./context/context-meter.ts";
export type { ContextView } from "./context/context-view.ts";
export { defaultThreshold, type ShrinkDecision, type SummaryRoom } from "./context/decide-shrink.ts";
export { type LoadedView, loadView, viewChars } from "./context/load-view.ts";
export type { NoSummary } from "./context/plan-summary.ts";
export type { ShrinkResult } from "./context/shrink-context.ts";
export { createInProcessEffects } from "./effects/in-process-effects.ts";
export { recordEffects } from "./effects/record-effects.ts";
export { createEffectRecording, type EffectRecording } from "./effects/recording.ts";
export { replayEffects } from "./effects/replay-effects.ts";
export { CoreError, type CoreErrorCode } from "./errors.ts";
export type { Listener } from "./events/broadcast.ts";
export type { EngineCommand } from "./events/engine-command.ts";
export { engineCommandSchema } from "./events/engine-command-schema.ts";
export {
  type ApprovalRequest,
  type EngineEvent,
  engineEventVersion,
  type LaneName,
  type TurnTiming,
  type WarningCode,
} from "./events/engine-event.ts";
export { engineEventSchema } from "./events/engine-event-schema.ts";
export { type EventPlace, eventPlaces, findGrammarFault } from "./events/turn-grammar.ts";
export { FileTracker } from "./files/file-tracker.ts";
export { displayPath, isInside, resolvePath } from "./files/resolve-path.ts";
export type { CharSet } from "./guard/char-set.ts";
export { type DangerousCommand, dangerousCommands } from "./guard/dangerous-commands.ts";
export { loadKeyFiles, usualKeyFiles } from "./guard/load-key-files.ts";
export { labelSentence } from "./guard/origin.ts";
export type { RedactingStream } from "./guard/redacting-stream.ts";
export type { SecretMatch } from "./guard/secret-match.ts";
export type { PatternPart, PatternRun, SecretPattern } from "./guard/secret-pattern.ts";
export { SecretRegistry } from "./guard/secret-registry.ts";
export { parseSecretRule, type SecretRule, type SecretRuleConfig } from "./guard/secret-rule.ts";
export type { Scan, SecretScanner } from "./guard/secret-scanner.ts";
export type { SecurityConfig } from "./guard/security-config.ts";
export { type GuardedCall, type NotedResult, SecurityGuard } from "./guard/security-guard.ts";
export type { BackgroundHooks } from "./hooks/background-hooks.ts";
export type { HookSleep } from "./hooks/call-hook.ts";
export type { Hook, HookAnswer, HookRole } from "./hooks/hook.ts";
export { HookEngine, type RegisteredHook } from "./hooks/hook-engine.ts";
export type { HookMatcher } from "./hooks/hook-matcher.ts";
export {
  type AfterGeneratePayload,
  type AfterToolPayload,
  type BeforeGeneratePayload,
  type BeforeToolPayload,
  type GuardedEvent,
  type HookEvent,
  type HookedInput,
  type HookPayload,
  hookEvents,
  type PayloadOf,
  type SessionEndPayload,
  type SessionStartPayload,
  type SkillLoadPayload,
  type SkillUnloadPayload,
} from "./hooks/hook-payload.ts";
export { type CommandHook, parseHookRecord } from "./hooks/hook-record.ts";
export type { HookReport } from "./hooks/hook-report.ts";
export { type CommandHookOptions, toCommandHook } from "./hooks/to-command-hook.ts";
export type { DeadLetter, DeadLetters } from "./lanes/dead-letters.ts";
export {
  completeExternalTask,
  type ExternalTask,
  type PendingTask,
  pendingExternalTasks,
  type TaskAnswer,
} from "./lanes/external-task.ts";
export { createHostCap, type HostCap } from "./lanes/host-cap.ts";
export type { LaneHandler } from "./lanes/lane-handler.ts";
export type { LaneAttempt, LaneJob } from "./lanes/lane-job.ts";
export type { LaneLimitOptions } from "./lanes/lane-limits.ts";
export type { LaneCounts, LaneMetricsSnapshot } from "./lanes/lane-metrics.ts";
export type { LaneQueue, LaneQueueOptions, LaneQueueStats, LaneStatus } from "./lanes/lane-queue.ts";
export type { LatencyPercentiles } from "./lanes/latency-window.ts";
export type { PathUse } from "./lanes/path-order.ts";
export type { TurnBudget } from "./ledger/budget.ts";
export { costOf } from "./ledger/cost.ts";
export type { CacheDiagnosis, CacheDrop } from "./ledger/diagnose-cache.ts";
export { readUsageReport, sumTotals, type UsageReport } from "./ledger/usage-report.ts";
export type { TurnNote } from "./memory/outcome-note.ts";
export type { MemoryQuery, MemoryStats, NewMemory, SessionMemory } from "./memory/session-memory.ts";
export { extractCriteria } from "./planning/extract-criteria.ts";
export type { Goal, GoalCriterion } from "./planning/goal.ts";
export type { Plan, PlanStep, PlanStepStatus } from "./planning/plan.ts";
export type { PlanMark, PlanMarker, PlanMarkResult } from "./planning/plan-tracker.ts";
export { updatePlanTool } from "./planning/update-plan.ts";
export type { Effects } from "./ports/effects.ts";
export type {
  FinishReason,
  LlmFailure,
  LlmFailureCode,
  LlmProvider,
  ModelMessage,
  ModelPrice,
  ModelRequest,
  ModelToolCall,
  StreamPart,
  ThinkingEffort,
  TokenUsage,
  ToolDefinition,
} from "./ports/llm-provider.ts";
export type { PathGuard, PathVerdict } from "./ports/path-guard.ts";
export type { ProxyEndpoint } from "./ports/proxy-endpoint.ts";
export type { Enforcement, Runner, RunRequest, RunResult } from "./ports/runner.ts";
export type { Toolbox, ToolboxTool } from "./ports/toolbox.ts";
export {
  type CompletedTurn,
  type ContextDepth,
  type ContextItem,
  type ContextItemType,
  type ContextProvider,
  type ContextQuery,
  contextItemTypes,
} from "./prompt/context-provider.ts";
export type { ContextProviders } from "./prompt/context-providers.ts";
export {
  type PromptContribution,
  type PromptLayer,
  type PromptSlot,
  promptLayers,
  promptSlots,
} from "./prompt/prompt-contribution.ts";
export type { ContextAnswer, ContextRequest, ProviderLimits, SkippedProvider } from "./prompt/query-context.ts";
export type { Sleep } from "./prompt/within-deadline.ts";
export {
  pauseStoredSession,
  resumeStoredSession,
  rewindStoredSession,
  type StoredSessionOptions,
} from "./session/change-stored-session.ts";
export { type DeleteSessionOptions, deleteSession } from "./session/delete-session.ts";
export { type ForkOptions, forkSession } from "./session/fork-session.ts";
export type { KodaSession } from "./session/koda-session.ts";
export { listPrompts, type PastPrompt } from "./session/list-prompts.ts";
export { type OpenSessionOptions, openSession } from "./session/open-session.ts";
export { isLeaseOwnerAlive } from "./session/process-identity.ts";
export type { WaitingInput } from "./session/session-inputs.ts";
export type { TurnOptions } from "./session/session-turns.ts";
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
export type { TaskDraft } from "./tasks/normalize-tasks.ts";
export type { SessionTasks, TaskList } from "./tasks/session-tasks.ts";
export { createTraceLog, type TraceLogOptions } from "./telemetry/trace-log.ts";
export { builtInTools } from "./tools/built-in-tools.ts";
export { ToolCatalog } from "./tools/catalog.ts";
export type { ContextOverlayOptions } from "./tools/context-overlay.ts";
export type { FileChange } from "./tools/file-change.ts";
export type { SessionPlugin, SessionPlugins } from "./tools/session-plugins.ts";
export { shellQuote } from "./tools/shell-quote.ts";
export { todoWriteTool } from "./tools/todo-write.ts";
export type { AssessContext, CallAssessment, Tool, ToolContext, ToolResult } from "./tools/tool.ts";
export type { ToolEffect } from "./tools/tool-effect.ts";
export type { ToolProvider } from "./tools/tool-provider.ts";
export type { ToolSnapshot } from "./tools/tool-snapshot.ts";
export { exportSession } from "./transfer/export-session.ts";
export { type ImportOptions, importSession } from "./transfer/import-session.ts";
export type { NamedPath } from "./trust/bash/command.ts";
export { type BashClassification, classifyBash, preloadBashGrammar } from "./trust/classify-bash.ts";
export { alwaysRuleFor, type CallQuestion, decideCall } from "./trust/decide-call.ts";
export type { Decision } from "./trust/decision.ts";
export { matchesRule, type RuleQuestion } from "./trust/match-rule.ts";
export { type PermissionRule, parsePermissionRule } from "./trust/permission-rule.ts";
export { parseTrustMode, type TrustMode, trustModes } from "./trust/trust-mode.ts";
export type { Approvals } from "./turn/turn-context.ts";
