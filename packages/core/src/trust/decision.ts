/** What becomes of one tool call. `reason` names the rule or the table row, for the user and the model. */
export interface Decision {
  readonly kind: "run" | "ask" | "block";
  readonly reason: string;
}
