/**
 * The places of a system prompt, in the order in which a model reads them. What changes least is first: a provider's
 * cache holds up to the first byte that differs. `moment` is last: the date, the branch.
 */
export const promptSlots: readonly [
  "identity",
  "rules",
  "environment",
  "tools",
  "skills",
  "memory",
  "project-instructions",
  "extra",
  "moment",
] = ["identity", "rules", "environment", "tools", "skills", "memory", "project-instructions", "extra", "moment"];

export type PromptSlot = (typeof promptSlots)[number];

/** Who speaks, from the broadest to the nearest: a nearer layer can replace or clear what a broader one has said. */
export const promptLayers: readonly ["core", "session", "turn"] = ["core", "session", "turn"];

export type PromptLayer = (typeof promptLayers)[number];

/** A piece of the system prompt. An empty text says nothing. */
export interface PromptContribution {
  readonly slot: PromptSlot;
  /** Within its slot and layer: pieces are in the order of their ids, whichever was handed in first. */
  readonly id: string;
  readonly text: string;
  readonly layer: PromptLayer;
  /** `replace` and `clear` drop what broader layers have in the slot; the text of a `clear` is not used. */
  readonly mode: "add" | "replace" | "clear";
}
