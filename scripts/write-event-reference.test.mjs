import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { referencePath, toEventReference } from "./write-event-reference.mjs";

test("docs/events.md is what the schemas say: node scripts/write-event-reference.mjs makes it anew", () => {
  expect(readFileSync(referencePath, "utf8")).toBe(toEventReference());
});

test("every event, command and field of the reference has a meaning", () => {
  expect(toEventReference().match(/^\|.*\|\s*\|$|^### .*\n\n(?![A-Z])/gm)).toBeNull();
});
