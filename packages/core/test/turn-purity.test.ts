import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const folder = fileURLToPath(new URL("../src/turn", import.meta.url));

test("a turn draws no chance by itself: the linter sees globals, and this what hides in an object", () => {
  const sources = readdirSync(folder).filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"));
  expect(sources.length).toBeGreaterThan(20);
  const impure = sources.filter((name) =>
    /\bMath\.random\b|\bglobalThis\b|\bimport\(/.test(readFileSync(join(folder, name), "utf8")),
  );
  expect(impure).toEqual([]);
});
