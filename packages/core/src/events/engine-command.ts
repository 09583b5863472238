import type { TrustMode } from "../trust/trust-mode.ts";

/** Everything a client can tell a session. JSON-serialisable; each is harmless when it comes too late. */
export type EngineCommand =
  | { readonly type: "approve"; readonly requestId: string; readonly scope: "once" | "always" }
  /** `feedback` reaches the model; without it the model reads that the user said no. */
  | { readonly type: "reject"; readonly requestId: string; readonly feedback?: string | undefined }
  /** Answers `loop-cap-reached`: zero stops the turn. */
  | { readonly type: "grant-steps"; readonly requestId: string; readonly steps: 0 | 50 | 200 }
  /** Given to the model before its next step of the running turn. */
  | { readonly type: "steer"; readonly text: string }
  | { readonly type: "set-mode"; readonly mode: TrustMode }
  | { readonly type: "cancel" };
