export type { EngineCommand } from "./events/engine-command.ts";
export {
  type ApprovalRequest,
  type ConnectionRecord,
  type EngineEvent,
  engineEventVersion,
  type ToolCallOutcome,
  type TurnOutcome,
  type TurnTiming,
  type WarningCode,
} from "./events/engine-event.ts";
export type { Enforcement } from "./ports/runner.ts";
export type { FileChange, ToolEffect } from "./tools/tool.ts";
export { parseTrustMode, type TrustMode, trustModes } from "./trust/trust-mode.ts";
