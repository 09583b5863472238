/** Why a file was not touched, in a sentence for the model and the user. */
export interface Refusal {
  readonly kind: "refusal";
  readonly message: string;
}

/** An expected outcome, not an error. */
export function refuse(message: string): Refusal {
  return { kind: "refusal", message };
}
