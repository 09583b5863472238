import { expect, test } from "vitest";
import { z } from "zod";
import type { ToolboxTool } from "../../src/ports/toolbox.ts";
import { PromptComposer } from "../../src/prompt/prompt-composer.ts";
import type { PromptContribution } from "../../src/prompt/prompt-contribution.ts";
import { builtInTools } from "../../src/tools/built-in-tools.ts";
import { ToolCatalog } from "../../src/tools/catalog.ts";
import type { Tool } from "../../src/tools/tool.ts";

const context = {
  projectRoot: "/work/app",
  platform: "linux",
  date: "2026-11-21",
  gitBranch: "main",
  instructions: [{ name: "AGENTS.md", text: "Use tabs." }],
};

const outside = (name: string): ToolboxTool => ({
  name,
  description: name,
  inputSchema: { type: "object" },
  effect: "remote-action",
  execute: async () => ({ text: name, isError: false }),
});

const ticket: Tool = {
  name: "Ticket",
  description: "Reads the ticket.",
  inputSchema: z.object({}),
  assess: () => ({ effect: "read-only", paths: [], commands: [], subject: "ticket" }),
  execute: async () => ({ text: "Fix it.", isError: false }),
};

const about = (text: string): PromptContribution => ({ slot: "tools", id: "about", text, layer: "turn", mode: "add" });

/** What a turn sends in front of its messages. */
function openFront() {
  const toolbox = { generation: 1, tools: () => [outside("mcp__b__x"), outside("mcp__a__x")] };
  const catalog = ToolCatalog.create(builtInTools(), toolbox);
  const composer = new PromptComposer("You are a test.");
  const read = (): string => {
    const snapshot = catalog.snapshot();
    const system = composer.compose(structuredClone(context), snapshot.contributions);
    return JSON.stringify({ system, tools: snapshot.definitions });
  };
  return { toolbox, catalog, composer, read };
}

test("over 100 turns with nothing changed, requests are byte-identical and built once", () => {
  const { catalog, composer, read } = openFront();
  const remove = catalog.plugins.add({ id: "ticket", tools: [ticket], contributions: [about("Ask for the ticket.")] });
  const first = read();
  for (let turn = 0; turn < 100; turn += 1) expect(read()).toBe(first);
  expect([catalog.builds, composer.builds]).toEqual([1, 1]);
  remove();
  expect(read()).not.toBe(first);
  expect(read()).not.toContain("Ask for the ticket.");
});

test("the text of an overlay comes and goes with its tools, in one request", () => {
  const { catalog, read } = openFront();
  const plain = read();
  catalog.setOverlay({ tools: [ticket], promptContributions: [about("Ask for the ticket.")] });
  const laid = read();
  expect(laid).toContain("Ask for the ticket.");
  expect(laid).toContain('"Ticket"');
  expect(() => catalog.setOverlay({ tools: [{ ...ticket, name: "Read" }] })).toThrow(
    expect.objectContaining({ code: "duplicate_tool" }),
  );
  expect(read()).toBe(laid);
  catalog.setOverlay({});
  expect(read()).toBe(plain);
});

test("emptying the caches between turns changes no byte", () => {
  const { catalog, composer, read } = openFront();
  const first = read();
  for (let turn = 0; turn < 3; turn += 1) {
    catalog.invalidate();
    composer.invalidate();
    expect(read()).toBe(first);
  }
  expect([catalog.builds, composer.builds]).toEqual([4, 4]);
});
