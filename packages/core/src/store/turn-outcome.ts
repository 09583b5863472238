/** How a turn ended. */
export type TurnOutcome =
  | { readonly kind: "complete"; readonly text: string }
  | { readonly kind: "cancelled" }
  /** Between two steps, since the session was paused. It goes on when the session does. */
  | { readonly kind: "paused" }
  /** A budget ended it. */
  | { readonly kind: "limit"; readonly limit: TurnLimit; readonly message: string }
  | { readonly kind: "error"; readonly code: string; readonly message: string };

export type TurnLimit = "max-turns" | "loop-cap" | "repeated-calls" | "max-cost" | "timeout";
