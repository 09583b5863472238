import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../../../..", import.meta.url));

/** Known attacks on the sandbox: of the file system and the network on Linux, on macOS, on availability as far as it is concerned. */
const ids = [...number("LF", 25), ...number("LN", 27), ...number("MA", 15), "AV-11", "AV-12", "AV-16", "AV-17"];

function number(layer: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${layer}-${String(index + 1).padStart(2, "0")}`);
}

test("every known attack is in the title of a test, or named as a limit in SECURITY.md", () => {
  const tests = globSync("packages/{sandbox,core,cli}/{src,test}/**/*.test.{ts,tsx}", { cwd: root });
  const own = fileURLToPath(import.meta.url);
  const texts = [...tests.map((path) => join(root, path)).filter((path) => path !== own), join(root, "SECURITY.md")];
  const text = texts.map((path) => readFileSync(path, "utf8")).join("\n");
  expect(tests.length).toBeGreaterThan(100);
  expect(ids.filter((id) => !text.includes(id))).toEqual([]);
});
