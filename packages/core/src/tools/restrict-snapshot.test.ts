import { expect, test } from "vitest";
import { z } from "zod";
import { builtInTools } from "./built-in-tools.ts";
import { ToolCatalog } from "./catalog.ts";
import { restrictSnapshot } from "./restrict-snapshot.ts";
import type { Tool } from "./tool.ts";

test("a tool that is not allowed is absent: not listed, not defined, not found by any spelling", () => {
  const whole = ToolCatalog.create(builtInTools()).snapshot();
  const readers = restrictSnapshot(whole, (name) => name !== "Bash" && name !== "Write");
  expect(readers.names).toEqual(["Read", "Edit", "Delete", "List", "Glob", "Grep", "TodoWrite"]);
  expect(readers.definitions.map(({ name }) => name)).toEqual(readers.names);
  for (const name of ["Bash", "bash", "run_command", "write_file"]) expect(readers.find(name)).toBeNull();
  expect(readers.find("read_file")).toBe(whole.find("Read"));
  expect(readers.definitions[0]).toBe(whole.definitions[0]);
  expect(readers.revision).not.toBe(whole.revision);
});

test("what a plugin says of tools that are all gone is not said, the rest is", () => {
  const catalog = ToolCatalog.create(builtInTools());
  const say = (id: string) => ({ slot: "rules", id, text: id, layer: "session", mode: "add" }) as const;
  const make = (name: string): Tool => ({
    name,
    description: name,
    inputSchema: z.object({}),
    assess: () => ({ effect: "read-only", paths: [], commands: [], subject: name }),
    execute: async () => ({ text: name, isError: false }),
  });
  catalog.plugins.add({ id: "tickets", tools: [make("Ticket"), make("Comment")], contributions: [say("tickets")] });
  catalog.plugins.add({ id: "deploys", tools: [make("Deploy")], contributions: [say("deploys")] });
  catalog.plugins.add({ id: "style", contributions: [say("style")] });
  catalog.setOverlay({ promptContributions: [say("overlay")] });
  const few = restrictSnapshot(catalog.snapshot(), (name) => name !== "Deploy" && name !== "Comment");
  expect(few.contributions.map(({ id }) => id)).toEqual(["tickets", "style", "overlay"]);
  const fewer = restrictSnapshot(few, (name) => name === "Read");
  expect(fewer.contributions.map(({ id }) => id)).toEqual(["style", "overlay"]);
});

test("with everything allowed it is the same snapshot", () => {
  const whole = ToolCatalog.create(builtInTools()).snapshot();
  expect(restrictSnapshot(whole, () => true)).toBe(whole);
});
