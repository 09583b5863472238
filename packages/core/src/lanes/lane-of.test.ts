import { expect, test } from "vitest";
import type { ToolEffect } from "../tools/tool-effect.ts";
import { laneOf } from "./lane-of.ts";

test.each<[string, ToolEffect, string]>([
  ["Read", "read-only", "query"],
  ["Bash", "read-only", "query"],
  ["Bash", "local-mutation", "execute"],
  ["Write", "local-mutation", "execute"],
  ["mcp__any__thing", "remote-action", "execute"],
  ["Delete", "destructive", "execute"],
  ["AskUser", "read-only", "control"],
  ["TodoWrite", "local-mutation", "control"],
  ["UpdatePlan", "read-only", "control"],
])("a call of %s that is %s goes to the lane %s", (toolName, effect, lane) => {
  expect(laneOf({ kind: "tool-call", tool: { name: toolName }, effect })).toBe(lane);
});

test.each(["AskUser", "TodoWrite", "UpdatePlan"])(
  "a tool of somebody else that is called %s waits like any other",
  (name) => {
    const tool = { name, source: "external" } as const;
    expect(laneOf({ kind: "tool-call", tool, effect: "local-mutation" })).toBe("execute");
  },
);

test("a request to the model goes to the lane generate", () => {
  expect(laneOf({ kind: "model-request" })).toBe("generate");
});
