import { expect, test } from "vitest";
import { z } from "zod";
import { ContextOverlay } from "./context-overlay.ts";
import type { Tool } from "./tool.ts";
import type { ToolCollision } from "./tool-names.ts";
import type { ToolProvider } from "./tool-provider.ts";

const tool = (name: string): Tool => ({
  name,
  description: name,
  inputSchema: z.object({}),
  assess: () => ({ effect: "read-only", paths: [], commands: [], subject: name }),
  execute: async () => ({ text: name, isError: false }),
});

const provider = (id: string, generation: number, ...names: readonly string[]): ToolProvider => ({
  id,
  generation,
  tools: () => names.map(tool),
});

const open = (): ContextOverlay => new ContextOverlay(() => [{ name: "Read", source: "the agent" }]);
const note = { slot: "extra", id: "note", text: "Be kind.", layer: "turn", mode: "add" } as const;

test("the same tools, texts and flag make no new revision; any difference makes one", () => {
  const overlay = open();
  const own = tool("Own");
  const set = (options: Parameters<ContextOverlay["set"]>[0]): readonly [boolean, number] => [
    overlay.set(options),
    overlay.state.revision,
  ];
  expect(set({})).toEqual([false, 0]);
  expect(set({ tools: [own, provider("p", 1, "P")], promptContributions: [note] })).toEqual([true, 1]);
  // A provider made anew each turn is the same one while its id and generation are.
  expect(set({ tools: [own, provider("p", 1, "P")], promptContributions: [{ ...note }] })).toEqual([false, 1]);
  expect(set({ tools: [own, provider("p", 2, "P")], promptContributions: [note] })).toEqual([true, 2]);
  expect(set({ tools: [own, provider("q", 2, "P")], promptContributions: [note] })).toEqual([true, 3]);
  expect(set({ tools: [tool("Own"), provider("q", 2, "P")], promptContributions: [note] })).toEqual([true, 4]);
  expect(set({ tools: [], promptContributions: [note] })).toEqual([true, 5]);
  expect(set({ tools: [], promptContributions: [{ ...note, text: "Be brief." }] })).toEqual([true, 6]);
  expect(set({ includeBaseTools: false })).toEqual([true, 7]);
  expect(set({})).toEqual([true, 8]);
});

test.each([
  ["Read", "the agent"],
  ["READ", "the agent"],
  ["read_file", "the agent"],
  ["Twin", 'provider "a"'],
])("%s is refused with its name and both sources, and the old overlay stays", (name, source) => {
  const overlay = open();
  overlay.set({ tools: [tool("Old")], promptContributions: [note] });
  const before = overlay.state;
  const attempt = (): boolean => overlay.set({ tools: [provider("a", 1, "Twin"), provider("b", 1, name)] });
  expect(attempt).toThrow(
    expect.objectContaining({
      code: "duplicate_tool",
      message: `two tools are named ${name}: one from ${source}, one from provider "b"`,
      cause: { toolName: name, sources: [source, 'provider "b"'] } satisfies ToolCollision,
    }),
  );
  // A refusal is not taken for the state that is there: the same call is refused again.
  expect(attempt).toThrow(expect.objectContaining({ code: "duplicate_tool" }));
  expect(overlay.state).toBe(before);
  expect(overlay.state.tools.map((one) => one.name)).toEqual(["Old"]);
});

test("without the base tools their names are free", () => {
  const overlay = open();
  expect(overlay.set({ tools: [tool("Read")], includeBaseTools: false })).toBe(true);
  expect(() => overlay.set({ tools: [tool("Read")] })).toThrow(expect.objectContaining({ code: "duplicate_tool" }));
  expect(overlay.state.includeBaseTools).toBe(false);
});

test.each([
  ["a b", [tool("a b")]],
  ["no name", [tool("")]],
  ["providers", [provider("same", 1, "A"), provider("same", 2, "B")]],
])("a bad option leaves everything as it was: %s", (_title, tools) => {
  const overlay = open();
  expect(() => overlay.set({ tools })).toThrow(expect.objectContaining({ code: "bad_option" }));
  expect(overlay.state.revision).toBe(0);
});

test("a provider that fails leaves the old overlay, and what it throws is passed on", () => {
  const overlay = open();
  overlay.set({ tools: [tool("Old")] });
  const broken: ToolProvider = {
    id: "broken",
    generation: 1,
    tools: () => {
      throw new Error("no tools today");
    },
  };
  expect(() => overlay.set({ tools: [broken] })).toThrow("no tools today");
  expect(overlay.state.tools.map(({ name }) => name)).toEqual(["Old"]);
});

test("what was set is not changed by what becomes of its arrays, also after a refresh", () => {
  const overlay = open();
  const growing = { id: "g", generation: 1, tools: () => [tool("A")] };
  const tools = [growing, tool("B")];
  const promptContributions = [{ ...note }];
  overlay.set({ tools, promptContributions });
  tools.pop();
  promptContributions.pop();
  growing.generation = 2;
  expect(overlay.refresh()).toBe(true);
  expect(overlay.state.tools.map(({ name }) => name)).toEqual(["A", "B"]);
  expect(overlay.state.contributions).toEqual([note]);
});

test("a refresh takes up a provider that has grown, and nothing else", () => {
  const overlay = open();
  const names = ["A"];
  const growing = { id: "g", generation: 1, tools: () => names.map(tool) };
  overlay.set({ tools: [growing], promptContributions: [note] });
  expect(overlay.refresh()).toBe(false);
  names.push("B");
  growing.generation = 2;
  expect(overlay.refresh()).toBe(true);
  expect(overlay.state.tools.map(({ name }) => name)).toEqual(["A", "B"]);
  expect(overlay.state.contributions).toEqual([note]);
});
