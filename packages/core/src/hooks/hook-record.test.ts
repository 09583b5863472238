import { expect, test } from "vitest";
import type { HookRecord } from "../store/project-store.ts";
import { parseHookRecord } from "./hook-record.ts";

const record = (changes: Partial<Record<keyof HookRecord, unknown>> = {}): HookRecord =>
  ({
    name: "lint",
    event: "before-tool",
    role: "guard",
    order: 100,
    timeoutMs: 30_000,
    matcherJson: '{"tool":"Edit","pathGlob":"src/**","commandPattern":"^git push"}',
    command: "npm run lint",
    ...changes,
  }) as HookRecord;

test("a record is read with its matcher", () => {
  expect(parseHookRecord(record())).toEqual({
    name: "lint",
    event: "before-tool",
    role: "guard",
    order: 100,
    timeoutMs: 30_000,
    matcher: { tool: "Edit", pathGlob: "src/**", commandPattern: /^git push/ },
    command: "npm run lint",
  });
});

test.each([
  ["name", { name: "" }],
  ["name", { name: "a\nb" }],
  ["name", { name: "x".repeat(101) }],
  ["event", { event: "before-lunch" }],
  ["role", { role: "boss" }],
  ["role", { event: "after-tool", role: "guard" }],
  ["order", { order: 1.5 }],
  ["timeoutMs", { timeoutMs: 0 }],
  ["timeoutMs", { timeoutMs: 600_001 }],
  ["command", { command: "  " }],
  ["command", { command: "a\0b" }],
  ["command", { command: "x".repeat(40_000) }],
  ["matcher", { matcherJson: "{" }],
  ["matcher", { matcherJson: "[]" }],
  ["matcher", { matcherJson: '{"tol":"Edit"}' }],
  ["matcher.tool", { matcherJson: '{"tool":1}' }],
  ["matcher.commandPattern", { matcherJson: '{"commandPattern":"("}' }],
])("a bad record is refused, and the message names the field %s: %o", (field, changes) => {
  const message = expect.stringContaining(`: ${field} `);
  expect(() => parseHookRecord(record(changes))).toThrow(expect.objectContaining({ code: "bad_hook", message }));
});
