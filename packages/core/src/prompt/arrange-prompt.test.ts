import fc from "fast-check";
import { expect, test } from "vitest";
import { arrangePrompt } from "./arrange-prompt.ts";
import { type PromptContribution, promptLayers, promptSlots } from "./prompt-contribution.ts";

const piece = (
  text: string,
  { slot = "rules", id = text, layer = "core", mode = "add" }: Partial<Omit<PromptContribution, "text">> = {},
): PromptContribution => ({ slot, id, text, layer, mode });

test("slots are in their fixed order, and what changes by the day is last", () => {
  const pieces = promptSlots.map((slot) => piece(slot, { slot })).reverse();
  expect(arrangePrompt(pieces)).toMatchInlineSnapshot(`
    "identity

    rules

    environment

    tools

    skills

    memory

    project-instructions

    extra

    moment"
  `);
});

test.each<[string, readonly PromptContribution[], string]>([
  [
    "layers add up, the broadest first",
    [piece("t", { layer: "turn" }), piece("s", { layer: "session" }), piece("c")],
    "c\n\ns\n\nt",
  ],
  ["a nearer layer replaces", [piece("c"), piece("s", { layer: "session", mode: "replace" })], "s"],
  [
    "what replaces is added to by its own layer",
    [piece("c"), piece("b", { layer: "turn" }), piece("a", { layer: "turn", mode: "replace" })],
    "a\n\nb",
  ],
  ["a nearer layer clears", [piece("c"), piece("x", { layer: "session", mode: "clear" })], ""],
  ["a broader layer does not clear a nearer one", [piece("x", { mode: "clear" }), piece("t", { layer: "turn" })], "t"],
  [
    "after a clear, a nearer layer adds",
    [piece("c"), piece("x", { layer: "session", mode: "clear" }), piece("t", { layer: "turn" })],
    "t",
  ],
  ["another slot is left alone", [piece("c", { slot: "extra" }), piece("", { layer: "turn", mode: "clear" })], "c"],
  ["an empty text leaves no gap", [piece("a"), piece(" \n", { id: "b" }), piece("c")], "a\n\nc"],
])("%s", (_title, pieces, prompt) => {
  expect(arrangePrompt(pieces)).toBe(prompt);
});

test("the order in which contributions come makes no difference", () => {
  const contribution = fc.record({
    slot: fc.constantFrom(...promptSlots),
    id: fc.constantFrom("a", "b", "c"),
    text: fc.string({ maxLength: 8 }),
    layer: fc.constantFrom(...promptLayers),
    mode: fc.constantFrom("add" as const, "replace" as const, "clear" as const),
  });
  fc.assert(
    fc.property(fc.array(contribution, { maxLength: 12 }), (pieces) => {
      const shuffled = [...pieces].reverse();
      expect(arrangePrompt(shuffled)).toBe(arrangePrompt(pieces));
    }),
  );
});
