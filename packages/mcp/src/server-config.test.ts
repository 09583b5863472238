import fc from "fast-check";
import { expect, test } from "vitest";
import { McpError } from "./errors.ts";
import { parseServerConfig } from "./server-config.ts";

test("absent args and env are empty, and the result is frozen", () => {
  const config = parseServerConfig({ name: "git-hub_2", command: "npx" });
  expect(config).toEqual({ name: "git-hub_2", command: "npx", args: [], env: {} });
  expect(Object.isFrozen(config)).toBe(true);
});

test.each([
  [{ name: "a__b" }, "name"],
  [{ name: "a_" }, "name"],
  [{ name: "a b" }, "name"],
  [{ name: "" }, "name"],
  [{ name: "x".repeat(33) }, "name"],
  [{ command: "" }, "command"],
  [{ command: "a\0b" }, "command"],
  [{ args: ["ok", 5] }, "args.1"],
  [{ env: { "A=B": "c" } }, "env"],
  [{ startupTimeoutMs: 0 }, "startupTimeoutMs"],
  [{ toolTimeoutMs: 2 ** 31 }, "toolTimeoutMs"],
  [{ comand: "typo" }, "comand"],
])("%j is refused, naming the bad value", (change, path) => {
  const parse = (): unknown => parseServerConfig({ name: "a", command: "b", ...change });
  expect(parse).toThrow(McpError);
  expect(parse).toThrow(path);
});

test("whatever is parsed gives a configuration or our error", () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      try {
        parseServerConfig(value);
      } catch (error) {
        expect(error).toBeInstanceOf(McpError);
      }
    }),
  );
});
