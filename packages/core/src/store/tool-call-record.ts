import type { FileChange } from "../tools/file-change.ts";
import type { Decision } from "../trust/decision.ts";

/**
 * The journal of one tool call: `requested → decided → started → finished`.
 * A call that never started has done nothing; one that started and never finished has an unknown outcome.
 */
export interface ToolCallRecord {
  /** Unique within its session. */
  readonly callId: string;
  /** The assistant entry that asked for it. */
  readonly entryId: string;
  readonly name: string;
  readonly state: "requested" | "decided" | "started" | "finished";
  /** Null until decided, and for calls that cannot be judged: an unknown tool, arguments that do not fit. */
  readonly decision: Decision | null;
  /** How often it was started. */
  readonly attempts: number;
  /** Present exactly when finished. */
  readonly result: ToolCallResult | null;
}

export interface ToolCallResult {
  readonly outcome: ToolCallOutcome;
  /** What the model reads; bounded. */
  readonly text: string;
  readonly changes: readonly FileChange[];
  readonly durationMs: number;
  /** Where the text comes from: `koda` itself, files of the `workspace`, what a `command` printed, or anywhere `external`. */
  readonly origin: ToolOrigin;
  /** The blob with the whole text, where `text` is cut. */
  readonly fullTextHash: string | null;
}

export type ToolOrigin = "koda" | "workspace" | "command" | "external";

/** `blocked`: a rule or mode forbade it. `rejected`: a person, or nobody, said no. */
export type ToolCallOutcome = "ok" | "error" | "blocked" | "rejected" | "cancelled";
