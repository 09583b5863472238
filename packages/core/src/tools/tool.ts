import type { z } from "zod";
import type { FileTracker } from "../files/file-tracker.ts";
import type { PlanMarker } from "../planning/plan-tracker.ts";
import type { PathGuard } from "../ports/path-guard.ts";
import type { Runner } from "../ports/runner.ts";
import type { TaskList } from "../tasks/session-tasks.ts";
import type { TrustMode } from "../trust/trust-mode.ts";
import type { FileChange } from "./file-change.ts";
import type { ToolEffect } from "./tool-effect.ts";

/** A tool's judgement of one call, before it runs. Decided by the arguments alone; never by running anything. */
export interface CallAssessment {
  readonly effect: ToolEffect;
  /** Absolute paths that the call names, links resolved as far as they exist. */
  readonly paths: readonly { readonly path: string; readonly access: "read" | "write" }[];
  /** For Bash: every simple command, bare assignment and writing redirection found, as typed. Empty for other tools. */
  readonly commands: readonly string[];
  /** Those of `commands` that were proved read-only, so an allow rule need not name them. Absent: none. */
  readonly readOnlyCommands?: readonly string[] | undefined;
  /** Why the effect is what it is, when that is not obvious. */
  readonly reason?: string | undefined;
  /** The one line that stands for this call on a screen and in a permission rule: a path, a command. */
  readonly subject: string;
}

/**
 * A tool of the agent. `Input` is the canonical form that `inputSchema` parses to:
 * that one object is validated, assessed, shown and executed.
 */
export interface Tool<Input = unknown> {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: z.ZodType<Input>;
  /**
   * Whose words its results are. `agent`: what its name says, for the names that Koda knows; for others, and for every
   * tool that is `external`, somebody's outside. Absent: `agent` for the tools of the agent itself, `external` for those
   * of a plugin, an overlay or a toolbox.
   */
  readonly source?: "agent" | "external" | undefined;
  assess(input: Input, context: AssessContext): Promise<CallAssessment> | CallAssessment;
  /** A failure that the model should read is a value (`isError`); throwing is for bugs and aborts. */
  execute(input: Input, context: ToolContext): Promise<ToolResult>;
}

export interface AssessContext {
  /** Absolute, links resolved. */
  readonly projectRoot: string;
}

/** The least that any tool needs; nothing here can change trust, policy or the session. */
export interface ToolContext extends AssessContext {
  readonly callId: string;
  /** The same for every attempt of this call, in every process: what a tool can build on so that it happens once. */
  readonly callKey: string;
  /** From 1; more when a call that was interrupted runs again. */
  readonly attempt: number;
  /** What was decided on. Given, a path that now leads elsewhere is refused: an approval is for what was shown. */
  readonly assessment?: CallAssessment | undefined;
  readonly mode: TrustMode;
  readonly runner: Runner;
  readonly pathGuard: PathGuard;
  readonly files: FileTracker;
  readonly signal: AbortSignal;
  readonly onOutput: (text: string) => void;
  /** What the host has given for this turn alone. Absent: nothing. */
  readonly values?: Readonly<Record<string, unknown>> | undefined;
  /** The checklist of the session. Absent where there is none. */
  readonly tasks?: TaskList | undefined;
  /** The plan of the turn. Absent where planning is off, or no plan was made. */
  readonly plan?: PlanMarker | undefined;
}

export interface ToolResult {
  /** What the model reads. Already bounded. */
  readonly text: string;
  readonly isError: boolean;
  /** Project-relative paths that the call wrote, created or deleted. */
  readonly changes?: readonly FileChange[] | undefined;
  /** Of a command; null when a signal ended it. */
  readonly exitCode?: number | null | undefined;
}
