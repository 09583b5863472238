import type { TrustMode } from "../trust/trust-mode.ts";

/** Everything a client can tell a session. JSON-serialisable; each is harmless when it comes too late. */
export type EngineCommand =
  | { readonly type: "approve"; readonly requestId: string; readonly scope: "once" | "always" }
  /** `feedback` reaches the model; without it the model reads that the user said no. */
  | { readonly type: "reject"; readonly requestId: string; readonly feedback?: string | undefined }
  /** Answers `loop-cap-reached`: zero stops the turn. */
  | { readonly type: "grant-steps"; readonly requestId: string; readonly steps: 0 | 50 | 200 }
  /**
   * Said to a running session. `this-turn` (the default): given to the model before its next step; when the turn ends
   * first, it waits to become a prompt. The same `inputId` again does nothing.
   */
  | {
      readonly type: "steer";
      readonly text: string;
      readonly inputId?: string | undefined;
      readonly boundary?: "this-turn" | "next-turn" | undefined;
    }
  /** Takes back what was said and is not accepted yet. */
  | { readonly type: "withdraw"; readonly inputId: string }
  /** Ends an `external-task`. `isError`: the text is what went wrong. */
  | { readonly type: "complete-task"; readonly taskId: string; readonly text: string; readonly isError: boolean }
  /** Holds new prompts; a running turn ends after its step. */
  | { readonly type: "pause" }
  | { readonly type: "resume" }
  | { readonly type: "set-mode"; readonly mode: TrustMode }
  | { readonly type: "cancel" };
