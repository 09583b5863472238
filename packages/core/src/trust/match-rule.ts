import picomatch from "picomatch";
import { isInside } from "../files/resolve-path.ts";
import type { PathGuard } from "../ports/path-guard.ts";
import type { CallAssessment } from "../tools/tool.ts";
import { allowsCommand, forbidsCommand, matchesWildcard } from "./match-command.ts";
import { isPathTool, type PermissionRule } from "./permission-rule.ts";

/** A call that rules are asked about. */
export interface RuleQuestion {
  readonly toolName: string;
  readonly assessment: CallAssessment;
  readonly projectRoot: string;
}

/**
 * Whether a rule covers a call. A rule that allows must cover all of it: every command of a Bash line (those proved
 * read-only aside), every path. One that denies or asks need only cover a part, under any spelling:
 * one command, one path; and `Read(…)` then also stands for every other way to read a path, `Edit(…)` for every way to write it.
 */
export function matchesRule(rule: PermissionRule, question: RuleQuestion): boolean {
  if (rule.verdict === "allow") return allowsCall([rule], question);
  const pattern = rule.pattern;
  if (pattern !== null && isPathTool(rule.tool)) return touches(rule.tool, pattern, question);
  if (!matchesName(rule.tool, question.toolName)) return false;
  const { commands, subject } = question.assessment;
  if (pattern === null) return true;
  if (question.toolName !== "Bash") return matchesWildcard(pattern, subject);
  return [...commands, subject].some((command) => forbidsCommand(pattern, command));
}

/** Whether `rules`, all of which allow, together cover a call: each part by one of them. */
export function allowsCall(rules: readonly PermissionRule[], question: RuleQuestion): boolean {
  const { toolName, assessment } = question;
  const patterns: string[] = [];
  for (const { tool, pattern } of rules) {
    if (!matchesName(tool, toolName)) continue;
    if (pattern === null) return true;
    patterns.push(pattern);
  }
  if (patterns.length === 0) return false;
  if (toolName === "Bash") return allowsBash(patterns, question);
  if (!isPathTool(toolName)) return patterns.some((pattern) => matchesWildcard(pattern, assessment.subject));
  const matchers = patterns.map((pattern) => pathMatcher(pattern, question.projectRoot, "exact-case"));
  const { paths } = assessment;
  return paths.length > 0 && paths.every(({ path }) => matchers.some((matches) => matches(path)));
}

function allowsBash(patterns: readonly string[], { assessment, projectRoot }: RuleQuestion): boolean {
  if (patterns.includes(assessment.subject)) return true;
  // A prefix says nothing of the paths that follow it.
  if (assessment.paths.some(({ path }) => !isInside(projectRoot, path))) return false;
  const harmless = new Set(assessment.readOnlyCommands ?? []);
  const others = assessment.commands.filter((command) => !harmless.has(command));
  return others.length > 0 && others.every((command) => patterns.some((pattern) => allowsCommand(pattern, command)));
}

function touches(tool: string, pattern: string, { toolName, assessment, projectRoot }: RuleQuestion): boolean {
  const matches = pathMatcher(pattern, projectRoot, "any-case");
  return assessment.paths.some(({ path, access }) => covers(tool, { toolName, access }) && matches(path));
}

/** `Read(…)` stands for every way to read a path, `Edit(…)` for every way to write it, any other for its own tool. */
function covers(
  tool: string,
  { toolName, access }: { readonly toolName: string; readonly access: "read" | "write" },
): boolean {
  const stands = { read: "read", edit: "write", write: "write" }[tool.toLowerCase()];
  return stands === access || matchesName(tool, toolName);
}

/**
 * `guard`, and what `rules` deny to a tool: so that one which is given a directory passes over the denied files in it.
 * Patterns are compiled here, once for however many paths.
 */
export function guardByRules(
  guard: PathGuard,
  {
    rules,
    toolName,
    projectRoot,
  }: { readonly rules: readonly PermissionRule[]; readonly toolName: string; readonly projectRoot: string },
): PathGuard {
  const denials = rules.flatMap(({ verdict, tool, pattern, text }) =>
    verdict === "deny" && pattern !== null && isPathTool(tool)
      ? [{ tool, text, matches: pathMatcher(pattern, projectRoot, "any-case") }]
      : [],
  );
  if (denials.length === 0) return guard;
  return {
    check(path, access) {
      const denial = denials.find(({ tool, matches }) => covers(tool, { toolName, access }) && matches(path));
      return denial === undefined ? guard.check(path, access) : { kind: "deny", rule: `the rule deny ${denial.text}` };
    },
  };
}

function matchesName(wanted: string, actual: string): boolean {
  const [left, right] = [wanted.toLowerCase(), actual.toLowerCase()];
  if (left.endsWith("*")) return right.startsWith(left.slice(0, -1));
  return left === right || (/^mcp__(?:(?!__).)+$/.test(left) && right.startsWith(`${left}__`));
}

/** A pattern without wildcards that names a directory covers all in it. */
function pathMatcher(
  pattern: string,
  projectRoot: string,
  spelling: "any-case" | "exact-case",
): (path: string) => boolean {
  const relative = pattern.replace(/^(?:\.\/)+/, "");
  const absolute = relative.startsWith("/") ? relative : `${escapeGlob(projectRoot)}/${relative}`;
  const hasWildcard = /(?:^|[^\\])[*?[{]/.test(relative);
  const patterns = hasWildcard ? [absolute] : [absolute, `${absolute.replace(/\/+$/, "")}/**`];
  // With `s`, `**` also goes over names with a line break.
  const flags = spelling === "any-case" ? "is" : "s";
  return picomatch(patterns, { dot: true, noextglob: true, nocase: spelling === "any-case", flags });
}

/** A path as a glob that matches just it. */
export function escapeGlob(path: string): string {
  return path.replace(/[\\*?[\]{}()!+@|]/g, "\\$&");
}
