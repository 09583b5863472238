/** What becomes of one tool call. `reason` names the rule or the table row, for the user and the model. */
export interface Decision {
  readonly kind: "run" | "ask" | "block";
  readonly reason: string;
  /** A rule of the user's own decided it, not the table of modes. */
  readonly isByRule?: true | undefined;
}
