import { expect, test } from "vitest";
import { z } from "zod";
import type { Toolbox, ToolboxTool } from "../ports/toolbox.ts";
import { builtInTools } from "./built-in-tools.ts";
import { ToolCatalog } from "./catalog.ts";
import type { Tool } from "./tool.ts";

const outside = (name: string): ToolboxTool => ({
  name,
  description: name,
  inputSchema: { type: "object" },
  effect: "remote-action",
  execute: async (input) => ({ text: JSON.stringify(input), isError: false }),
});

const plain = (name: string): Tool => ({
  name,
  description: name,
  inputSchema: z.object({}),
  assess: () => ({ effect: "read-only", paths: [], commands: [], subject: name }),
  execute: async () => ({ text: name, isError: false }),
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

test("a toolbox offers no tool by a name of ours, also where ours is not there", () => {
  const names = ["ListAgents", "memoryread", "Bash", "AskUser", "files__Read"];
  const catalog = ToolCatalog.create([], { generation: 1, tools: () => names.map(outside) });
  expect(catalog.snapshot().names).toEqual(["files__Read"]);
  expect(catalog.refused()).toEqual(["ListAgents", "memoryread", "Bash", "AskUser"]);
});

test("tools of a toolbox, a plugin and an overlay speak for someone outside, unless they say otherwise", () => {
  const catalog = ToolCatalog.create([plain("Own")], { generation: 1, tools: () => [outside("files__x")] });
  catalog.plugins.add({ id: "p", tools: [plain("ListAgents"), { ...plain("Ours"), source: "agent" }] });
  catalog.setOverlay({ tools: [plain("MemoryRead")] });
  const sources = catalog.snapshot().names.map((name) => [name, catalog.find(name)?.source]);
  expect(sources).toEqual([
    ["Own", undefined],
    ["ListAgents", "external"],
    ["Ours", "agent"],
    ["files__x", "external"],
    ["MemoryRead", "external"],
  ]);
  expect(catalog.find("MemoryRead")).toBe(catalog.find("MemoryRead"));
});

test("a tool from outside gets the JSON object as it is", async () => {
  const catalog = ToolCatalog.create([], { generation: 1, tools: () => [outside("mcp__a__x")] });
  const tool = catalog.find("mcp__a__x");
  const input = { a: [1, { b: null }] };
  expect(tool?.inputSchema.parse(input)).toEqual(input);
  expect(tool?.inputSchema.safeParse([]).success).toBe(false);
});

test("100 turns with nothing changed are one build, and the very same values", () => {
  const catalog = ToolCatalog.create(builtInTools(), { generation: 1, tools: () => [outside("mcp__a__x")] });
  const first = catalog.snapshot();
  for (let turn = 0; turn < 100; turn += 1) {
    // A caller that makes its overlay anew for every turn does not cost a build.
    catalog.setOverlay({ tools: [], promptContributions: [], includeBaseTools: true });
    expect(catalog.snapshot()).toBe(first);
    expect(catalog.snapshot().definitions).toBe(first.definitions);
  }
  expect(catalog.builds).toBe(1);
});

test("each of the four inputs makes another list, and the way back an equal one", () => {
  const toolbox = { generation: 1, tools: () => [outside(toolbox.generation === 2 ? "mcp__b__x" : "mcp__a__x")] };
  const catalog = ToolCatalog.create(builtInTools(), toolbox);
  const read = (): string => JSON.stringify(catalog.snapshot().definitions);
  const first = read();

  toolbox.generation = 2;
  expect(read()).not.toBe(first);
  toolbox.generation = 3;
  expect(read()).toBe(first);

  const remove = catalog.plugins.add({ id: "notes", tools: [plain("Note")] });
  expect(read()).not.toBe(first);
  remove();
  expect(read()).toBe(first);

  catalog.setOverlay({ tools: [plain("Extra")] });
  expect(read()).not.toBe(first);
  catalog.setOverlay({});
  expect(read()).toBe(first);

  catalog.setOverlay({ includeBaseTools: false });
  expect(read()).toBe("[]");
  catalog.setOverlay({ includeBaseTools: true });
  expect(read()).toBe(first);
});

test("going back and forth between two generations builds each once", () => {
  const toolbox = { generation: 1, tools: () => [outside("mcp__a__x")] };
  const catalog = ToolCatalog.create(builtInTools(), toolbox);
  for (let turn = 0; turn < 20; turn += 1) {
    toolbox.generation = 1 + (turn % 2);
    catalog.snapshot();
  }
  expect(catalog.builds).toBe(2);
});

test("at most 8 builds are kept: the ninth key pushes out the one used longest ago", () => {
  const toolbox = { generation: 1, tools: () => [] };
  const catalog = ToolCatalog.create([], toolbox);
  const first = catalog.snapshot();
  for (toolbox.generation = 2; toolbox.generation <= 8; toolbox.generation += 1) catalog.snapshot();
  toolbox.generation = 1;
  expect(catalog.snapshot()).toBe(first);
  toolbox.generation = 9;
  catalog.snapshot();
  toolbox.generation = 1;
  expect(catalog.snapshot()).toBe(first);
  for (toolbox.generation = 9; toolbox.generation <= 16; toolbox.generation += 1) catalog.snapshot();
  toolbox.generation = 1;
  expect(catalog.snapshot()).not.toBe(first);
});

test("a build that fails is not kept: the next call tries again, and the last good one is still there", () => {
  let isBroken = false;
  const toolbox = {
    generation: 1,
    tools: (): readonly ToolboxTool[] => {
      if (isBroken) throw new Error("no tools today");
      return [outside(`mcp__a__${toolbox.generation}`)];
    },
  } satisfies Toolbox;
  const catalog = ToolCatalog.create([], toolbox);
  const good = catalog.snapshot();
  toolbox.generation = 2;
  isBroken = true;
  expect(() => catalog.refresh()).toThrow("no tools today");
  expect(catalog.lastSnapshot).toBe(good);
  expect(good.find("mcp__a__1")?.name).toBe("mcp__a__1");
  isBroken = false;
  expect(catalog.refresh().names).toEqual(["mcp__a__2"]);
});

test("a snapshot does not change in the middle of a turn, whatever happens to its sources", () => {
  const toolbox = { generation: 1, tools: () => [outside("mcp__a__x")] };
  const catalog = ToolCatalog.create(builtInTools(), toolbox);
  const turn = catalog.snapshot();
  const before = JSON.stringify(turn.definitions);
  toolbox.generation = 2;
  toolbox.tools = () => [];
  catalog.setOverlay({ includeBaseTools: false });
  catalog.invalidate();
  expect(JSON.stringify(turn.definitions)).toBe(before);
  expect(turn.find("mcp__a__x")?.name).toBe("mcp__a__x");
  expect(turn.find("Read")?.name).toBe("Read");
  expect(catalog.snapshot().names).toEqual([]);
});

test("after an invalidation the list is built anew, and equal", () => {
  const catalog = ToolCatalog.create(builtInTools(), { generation: 1, tools: () => [outside("mcp__a__x")] });
  const before = catalog.snapshot();
  catalog.invalidate();
  expect(catalog.snapshot()).not.toBe(before);
  expect(catalog.snapshot().definitions).toEqual(before.definitions);
});

test("definitions cannot be changed, nor through the schema they were made from; the listing is a copy", () => {
  const schema = { type: "object", properties: { a: { type: "string" } } };
  const catalog = ToolCatalog.create([], {
    generation: 1,
    tools: () => [{ ...outside("mcp__a__x"), inputSchema: schema }],
  });
  const [definition] = catalog.snapshot().definitions;
  schema.properties.a.type = "number";
  expect(definition?.inputSchema).toEqual({ type: "object", properties: { a: { type: "string" } } });
  expect(Object.isFrozen(definition?.inputSchema["properties"])).toBe(true);
  const list = catalog.list();
  list.pop();
  expect(catalog.list()).toEqual([definition]);
});

test("opening asks no toolbox, and a schema is read only when the definitions are", () => {
  let asked = 0;
  let schemas = 0;
  const tools = Array.from({ length: 500 }, (_, index) => ({
    ...outside(`mcp__big__${index}`),
    get inputSchema() {
      schemas += 1;
      return { type: "object" };
    },
  }));
  const toolbox: Toolbox = {
    generation: 1,
    tools: () => {
      asked += 1;
      return tools;
    },
  };
  const catalog = ToolCatalog.create(builtInTools(), toolbox);
  expect(asked).toBe(0);
  expect(catalog.snapshot().find("mcp__big__499")?.name).toBe("mcp__big__499");
  expect(schemas).toBe(0);
  expect(catalog.snapshot().definitions).toHaveLength(builtInTools().length + 500);
  expect([asked, schemas]).toEqual([1, 500]);
});

test("a schema that is no JSON is named", () => {
  const circular: Record<string, unknown> = {};
  circular["self"] = circular;
  const catalog = ToolCatalog.create([], {
    generation: 1,
    tools: () => [{ ...outside("odd"), inputSchema: circular }],
  });
  expect(() => catalog.definitions()).toThrow(expect.objectContaining({ code: "bad_option" }));
  expect(() => catalog.definitions()).toThrow("the schema of tool odd is not JSON");
});

test("the order is own tools, plugins, toolbox, overlay, so that what changes most is last", () => {
  const catalog = ToolCatalog.create([plain("Zed"), plain("Ann")], {
    generation: 1,
    tools: () => [outside("m2"), outside("m1")],
  });
  catalog.plugins.add({ id: "p", tools: [plain("P2"), plain("P1")] });
  catalog.setOverlay({ tools: [plain("O2"), plain("O1")] });
  expect(catalog.snapshot().names).toEqual(["Zed", "Ann", "P1", "P2", "m1", "m2", "O1", "O2"]);
});

test("two plugins of one id are refused, and what a plugin says goes with it", () => {
  const catalog = ToolCatalog.create([]);
  const text = { slot: "tools", id: "p", text: "Use P.", layer: "session", mode: "add" } as const;
  const remove = catalog.plugins.add({ id: "p", contributions: [text], tools: [plain("P")] });
  expect(() => catalog.plugins.add({ id: "p" })).toThrow(expect.objectContaining({ code: "bad_option" }));
  expect(catalog.snapshot().contributions).toEqual([text]);
  catalog.setOverlay({ includeBaseTools: false });
  expect(catalog.snapshot().contributions).toEqual([]);
  catalog.setOverlay({});
  remove();
  remove();
  expect(catalog.snapshot().contributions).toEqual([]);
  expect(catalog.snapshot().names).toEqual([]);
});

test("a plugin's tool never shadows one of the agent", () => {
  const catalog = ToolCatalog.create(builtInTools());
  catalog.plugins.add({ id: "p", tools: [plain("read"), plain("Fine")] });
  expect(catalog.snapshot().refused).toEqual(["read"]);
  expect(catalog.snapshot().find("Fine")?.name).toBe("Fine");
});
