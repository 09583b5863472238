import { expect, test } from "vitest";
import { compileMatcher, type HookMatcher } from "./hook-matcher.ts";
import type { HookPayload } from "./hook-payload.ts";

const call = (changes: Partial<Extract<HookPayload, { event: "before-tool" }>> = {}): HookPayload => ({
  event: "before-tool",
  sessionId: "s1",
  turnId: "t1",
  callId: "c1",
  projectRoot: "/project",
  name: "Edit",
  input: {},
  subject: "",
  paths: [],
  command: null,
  ...changes,
});
const edit = (...paths: string[]): HookPayload => call({ paths });
const bash = (command: string): HookPayload => call({ name: "Bash", command });
const end: HookPayload = { event: "session-end", sessionId: "s1", projectRoot: "/project", durationMs: 1 };
const skill: HookPayload = { event: "skill-load", sessionId: "s1", skill: "git-flow" };

test.each<[string, boolean, HookMatcher, HookPayload]>([
  ["no condition holds for everything", true, {}, end],
  ["a tool is matched by its exact name", true, { tool: "Edit" }, edit()],
  ["another spelling is another tool", false, { tool: "edit" }, edit()],
  ["an event without a tool has no matching tool", false, { tool: "Edit" }, end],
  ["a glob is relative to the project", true, { pathGlob: "src/**/*.ts" }, edit("/project/src/a/b.ts")],
  ["a leading ./ says nothing", true, { pathGlob: "./src/*" }, edit("/project/src/a")],
  ["one of the paths is enough", true, { pathGlob: "*.md" }, edit("/project/a.ts", "/project/README.md")],
  ["a star does not go into directories", false, { pathGlob: "src/*.ts" }, edit("/project/src/a/b.ts")],
  ["hidden files count", true, { pathGlob: "**/*.env" }, edit("/project/a/.env")],
  ["the case of letters does not count", true, { pathGlob: "secrets/**" }, edit("/project/Secrets/key")],
  ["a name with a line break is no way around", true, { pathGlob: "secrets/**" }, edit("/project/secrets/a\nb")],
  ["a relative glob is for the project alone", false, { pathGlob: "**" }, edit("/etc/passwd")],
  ["an absolute glob is for the whole machine", true, { pathGlob: "/etc/**" }, edit("/etc/passwd")],
  ["a call without paths has no matching path", false, { pathGlob: "**" }, edit()],
  ["an event without a call has no matching path", false, { pathGlob: "**" }, skill],
  ["a pattern is searched in the command", true, { commandPattern: /\bprod\b/ }, bash("deploy --to prod")],
  ["a command that does not fit", false, { commandPattern: /^git push/ }, bash("git status")],
  ["a tool without a command has no matching command", false, { commandPattern: /./ }, edit()],
  ["a session is matched by its id", true, { sessionId: "s1" }, end],
  ["another session", false, { sessionId: "s2" }, end],
  ["a skill is matched by a glob", true, { skillGlob: "git-*" }, skill],
  ["an event without a skill has no matching skill", false, { skillGlob: "*" }, edit()],
  ["all conditions have to hold", false, { tool: "Bash", commandPattern: /ls/, sessionId: "s2" }, bash("ls")],
])("%s (%s)", (_rule, expected, matcher, payload) => {
  expect(compileMatcher(matcher)(payload)).toBe(expected);
});

test("a pattern with a memory matches every time", () => {
  const matches = compileMatcher({ commandPattern: /rm/gy });
  expect([1, 2, 3].map(() => matches(bash("rm")))).toEqual([true, true, true]);
});
