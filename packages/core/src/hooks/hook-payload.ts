import type { TokenUsage } from "../ports/llm-provider.ts";
import type { ToolCallResult } from "../store/tool-call-record.ts";
import type { TrustMode } from "../trust/trust-mode.ts";

/** What a hook is told: plain data, which JSON can hold. Each hook gets a copy of its own. */
export type HookPayload =
  | BeforeToolPayload
  | AfterToolPayload
  | BeforeGeneratePayload
  | AfterGeneratePayload
  | SessionStartPayload
  | SessionEndPayload
  | SkillLoadPayload
  | SkillUnloadPayload;

/** The moments that hooks are told of. */
export type HookEvent = HookPayload["event"];

/** All of them. */
export const hookEvents: readonly HookEvent[] = [
  "before-tool",
  "after-tool",
  "before-generate",
  "after-generate",
  "session-start",
  "session-end",
  "skill-load",
  "skill-unload",
];

export type PayloadOf<E extends HookEvent> = Extract<HookPayload, { readonly event: E }>;

/** Those that a guard can stop; of the others hooks can only hear. */
export type GuardedEvent = "before-tool" | "before-generate" | "skill-load";

/** The part of a call that follows from its input. */
export interface HookedInput {
  /** Canonical: what the tool would be run with. */
  readonly input: unknown;
  readonly subject: string;
  /** Absolute, links resolved: all that the call names, as far as that is known before it runs. */
  readonly paths: readonly string[];
  /** What a shell would run; null for a tool that runs no command. */
  readonly command: string | null;
}

interface CallPayload extends HookedInput {
  readonly sessionId: string;
  readonly turnId: string;
  readonly callId: string;
  readonly projectRoot: string;
  /** The tool. */
  readonly name: string;
}

export interface BeforeToolPayload extends CallPayload {
  readonly event: "before-tool";
}

export interface AfterToolPayload extends CallPayload {
  readonly event: "after-tool";
  readonly result: Pick<ToolCallResult, "outcome" | "text" | "changes">;
  readonly durationMs: number;
}

interface GeneratePayload {
  readonly sessionId: string;
  readonly turnId: string;
  readonly provider: string;
  readonly model: string;
  /** What the user asked for in this turn. */
  readonly prompt: string;
  /** Names of the tools that the model is offered. */
  readonly tools: readonly string[];
}

export interface BeforeGeneratePayload extends GeneratePayload {
  readonly event: "before-generate";
}

export interface AfterGeneratePayload extends GeneratePayload {
  readonly event: "after-generate";
  readonly text: string;
  /** Null when the provider reported none. */
  readonly usage: TokenUsage | null;
  readonly durationMs: number;
}

export interface SessionStartPayload {
  readonly event: "session-start";
  readonly sessionId: string;
  readonly projectRoot: string;
  readonly provider: string;
  readonly model: string;
  readonly mode: TrustMode;
  readonly isResumed: boolean;
}

export interface SessionEndPayload {
  readonly event: "session-end";
  readonly sessionId: string;
  readonly projectRoot: string;
  readonly durationMs: number;
}

export interface SkillLoadPayload {
  readonly event: "skill-load";
  readonly sessionId: string;
  readonly skill: string;
}

export interface SkillUnloadPayload {
  readonly event: "skill-unload";
  readonly sessionId: string;
  readonly skill: string;
}
