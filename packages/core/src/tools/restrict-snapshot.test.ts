import { expect, test } from "vitest";
import { builtInTools } from "./built-in-tools.ts";
import { ToolCatalog } from "./catalog.ts";
import { restrictSnapshot } from "./restrict-snapshot.ts";

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

test("with everything allowed it is the same snapshot", () => {
  const whole = ToolCatalog.create(builtInTools()).snapshot();
  expect(restrictSnapshot(whole, () => true)).toBe(whole);
});
