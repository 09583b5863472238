import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readCoreApi, referencePath, toApiReference } from "./write-api-reference.mjs";

const api = readCoreApi();

test("docs/api/core.md is what the declarations say: node scripts/write-api-reference.mjs makes it anew", () => {
  expect(readFileSync(referencePath, "utf8")).toBe(toApiReference(api));
});

test("what a public type of @koda/core speaks of is exported too", () => {
  const names = new Set(api.map(({ name }) => name));
  const missing = api.flatMap(({ name, mentions }) =>
    mentions.filter((mentioned) => !names.has(mentioned)).map((mentioned) => `${mentioned}, of ${name}`),
  );
  expect(missing).toEqual([]);
});

test("every exported function says what it promises", () => {
  const silent = api.filter(({ parts: [{ text, comment }] }) => /^function/.test(text) && comment === "");
  expect(silent.map(({ name }) => name)).toEqual([]);
});
