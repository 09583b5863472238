import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const manifest = (name: string): { dependencies?: Record<string, string>; engines?: { node?: string } } =>
  JSON.parse(readFileSync(new URL(`../../${name}/package.json`, import.meta.url), "utf8"));

test.each(["core", "sandbox", "providers", "mcp"])("%s knows no other package of Koda", (name) => {
  const siblings = Object.keys(manifest(name).dependencies ?? {}).filter((dependency) =>
    dependency.startsWith("@koda/"),
  );
  expect(siblings).toEqual([]);
});

test.each(["core", "sandbox", "providers", "mcp", "cli"])("%s says which Node it needs", (name) => {
  expect(manifest(name).engines?.node).toBe(">=24");
});
