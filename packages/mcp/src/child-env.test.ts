import { expect, test } from "vitest";
import { inheritedVariables, toChildEnv } from "./child-env.ts";

test("the list of inherited variables is pinned", () => {
  expect([...inheritedVariables].sort()).toEqual([
    "HOME",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "LOGNAME",
    "PATH",
    "SHELL",
    "TERM",
    "TMPDIR",
    "TZ",
    "USER",
  ]);
});

test("secrets and shell functions stay out; a server's own variables win", () => {
  const parent = { PATH: "/bin", HOME: "/h", OPENAI_API_KEY: "sk", SHELL: "() { :; }", NODE_OPTIONS: "-r x" };
  expect(toChildEnv(parent, { HOME: "/other", TOKEN: "t" })).toEqual({ PATH: "/bin", HOME: "/other", TOKEN: "t" });
});
