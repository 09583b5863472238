import { type PromptContribution, type PromptSlot, promptLayers, promptSlots } from "./prompt-contribution.ts";

/** Contributions as one text. The same ones give the same bytes, in whatever order they come. */
export function arrangePrompt(contributions: readonly PromptContribution[]): string {
  return promptSlots.flatMap((slot) => arrangeSlot(slot, contributions)).join("\n\n");
}

function arrangeSlot(slot: PromptSlot, contributions: readonly PromptContribution[]): readonly string[] {
  let pieces: readonly PromptContribution[] = [];
  for (const layer of promptLayers) {
    const own = contributions.filter((piece) => piece.slot === slot && piece.layer === layer);
    const keepsBroader = own.every(({ mode }) => mode === "add");
    const said = own.filter(({ mode }) => mode !== "clear").sort(byId);
    pieces = keepsBroader ? [...pieces, ...said] : said;
  }
  return pieces.map(({ text }) => text.trim()).filter((text) => text !== "");
}

/** By code unit: a locale's order would differ between machines. Pieces of one id are ordered by what they say. */
function byId(left: PromptContribution, right: PromptContribution): number {
  if (left.id !== right.id) return left.id < right.id ? -1 : 1;
  if (left.text !== right.text) return left.text < right.text ? -1 : 1;
  return 0;
}
