import fc from "fast-check";
import { expect, test } from "vitest";
import { toServerName, toToolName } from "./tool-name.ts";

const server = fc.stringMatching(/^[A-Za-z0-9_-]{0,31}[A-Za-z0-9-]$/).filter((name) => !name.includes("__"));
const tool = fc.string({ minLength: 1, maxLength: 200, unit: "binary" });

test("a plain name is kept", () => {
  expect(toToolName("github", "create_issue")).toBe("github__create_issue");
});

test("every name is one that model servers take, and leads back to its server", () => {
  fc.assert(
    fc.property(server, tool, (from, name) => {
      const named = toToolName(from, name);
      expect(named).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
      expect(toServerName(named)).toBe(from);
    }),
  );
});

test("different tools have different names", () => {
  fc.assert(
    fc.property(server, tool, tool, (from, left, right) => {
      fc.pre(left !== right);
      expect(toToolName(from, left)).not.toBe(toToolName(from, right));
    }),
  );
});

test.each(["Bash", "__x", ""])("%j belongs to no server", (name) => {
  expect(toServerName(name)).toBeNull();
});
