import { expect, test } from "vitest";
import type { Toolbox, ToolboxTool } from "../ports/toolbox.ts";
import { builtInTools } from "./built-in-tools.ts";
import { ToolCatalog } from "./catalog.ts";

const outside = (name: string): ToolboxTool => ({
  name,
  description: name,
  inputSchema: { type: "object" },
  effect: "remote-action",
  execute: async (input) => ({ text: JSON.stringify(input), isError: false }),
});

test("two tools of one name are refused, whatever its case", () => {
  const [first] = builtInTools();
  if (first === undefined) throw new Error("no tools");
  expect(() => ToolCatalog.create([first, { ...first, name: "READ" }])).toThrow(
    expect.objectContaining({ code: "duplicate_tool" }),
  );
});

test.each([
  ["Read", "Read"],
  ["read", "Read"],
  ["read_file", "Read"],
  ["run_command", "Bash"],
  ["list_directory", "List"],
  ["nothing", undefined],
])("the model's %s is %s", (name, expected) => {
  expect(ToolCatalog.create(builtInTools()).find(name)?.name).toBe(expected);
});

test("definitions are JSON Schema with the canonical names only", () => {
  const edit = ToolCatalog.create(builtInTools())
    .definitions()
    .find(({ name }) => name === "Edit");
  expect(edit?.inputSchema).toMatchObject({
    type: "object",
    properties: { path: { type: "string" }, edits: { type: "array", items: { type: "object" } } },
    required: ["path", "edits"],
  });
  expect(JSON.stringify(edit)).not.toContain("old_string");
});

test("definitions are the same value until the toolbox's generation grows", () => {
  const tools = [outside("mcp__b__x"), outside("mcp__a__x")];
  const toolbox = { generation: 1, tools: () => tools } satisfies Toolbox;
  const catalog = ToolCatalog.create(builtInTools(), toolbox);
  const before = catalog.definitions();
  tools.push(outside("mcp__c__x"));
  expect(catalog.definitions()).toBe(before);
  toolbox.generation = 2;
  expect(
    catalog
      .definitions()
      .map(({ name }) => name)
      .slice(-3),
  ).toEqual(["mcp__a__x", "mcp__b__x", "mcp__c__x"]);
  expect(JSON.stringify(catalog.definitions().slice(0, 8))).toBe(JSON.stringify(before.slice(0, 8)));
});

test("AG-13: a tool from outside never shadows one of ours, and odd names are refused", () => {
  const names = ["Read", "bash", "read_file", "a b", "Rеad", "mcp__a__x", "MCP__A__X"];
  const catalog = ToolCatalog.create(builtInTools(), { generation: 1, tools: () => names.map(outside) });
  expect(catalog.refused()).toEqual(["Read", "bash", "read_file", "a b", "Rеad", "MCP__A__X"]);
  expect(catalog.find("read_file")).toBe(catalog.find("Read"));
});

test("a tool from outside gets the JSON object as it is", async () => {
  const catalog = ToolCatalog.create([], { generation: 1, tools: () => [outside("mcp__a__x")] });
  const tool = catalog.find("mcp__a__x");
  const input = { a: [1, { b: null }] };
  expect(tool?.inputSchema.parse(input)).toEqual(input);
  expect(tool?.inputSchema.safeParse([]).success).toBe(false);
});
