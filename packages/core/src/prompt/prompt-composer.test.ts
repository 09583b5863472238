import { expect, test } from "vitest";
import { PromptComposer } from "./prompt-composer.ts";
import type { PromptContribution } from "./prompt-contribution.ts";
import type { ProjectContext } from "./read-project-context.ts";

const context: ProjectContext = {
  projectRoot: "/work/app",
  platform: "linux",
  date: "2026-11-21",
  gitBranch: "main",
  instructions: [
    { name: "KODA.md", text: "Use tabs." },
    { name: "AGENTS.md", text: "Be brief." },
  ],
};
const extra = (text: string): PromptContribution => ({ slot: "extra", id: "note", text, layer: "turn", mode: "add" });

test("what is fixed is first, the project after it, and the day and the branch last", () => {
  expect(new PromptComposer("You are a test.").compose(context, [extra("Mind the gap.")])).toMatchInlineSnapshot(`
    "You are a test.

    # Environment

    Project directory: /work/app
    Platform: linux

    # Instructions of this project (KODA.md)

    Use tabs.

    # Instructions of this project (AGENTS.md)

    Be brief.

    Mind the gap.

    # Now

    Date: 2026-11-21
    Git branch at the start of the turn: main"
  `);
});

test("another day or branch changes nothing but the end", () => {
  const composer = new PromptComposer("You are a test.");
  const stable = composer.compose(context).split("# Now")[0] ?? "";
  const later = composer.compose({ ...context, date: "2026-11-22", gitBranch: null });
  expect(later).toBe(`${stable}# Now\n\nDate: 2026-11-22`);
});

test("equal inputs give an equal prompt, and what changed is in it once it changed", () => {
  const composer = new PromptComposer("You are a test.");
  const first = composer.compose(structuredClone(context), [extra("A")]);
  expect(composer.compose(structuredClone(context), [extra("A")])).toBe(first);
  expect(composer.compose(context, [extra("B")])).toBe(first.replace("A\n\n# Now", "B\n\n# Now"));
  expect(composer.compose(context, [])).toBe(first.replace("A\n\n", ""));
  composer.invalidate();
  expect(composer.compose(context, [extra("A")])).toBe(first);
});

test("sets of contributions that take turns are each composed once", () => {
  const composer = new PromptComposer("You are a test.");
  for (let turn = 0; turn < 20; turn += 1) composer.compose(context, [extra(turn % 2 === 0 ? "even" : "odd")]);
  expect(composer.builds).toBe(2);
  composer.invalidate();
  composer.compose(context, [extra("even")]);
  expect(composer.builds).toBe(3);
});
