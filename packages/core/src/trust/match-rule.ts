import picomatch from "picomatch";
import { isInside } from "../files/resolve-path.ts";
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
  const covers = (path: string): boolean =>
    patterns.some((pattern) => matchesPath(pattern, path, question.projectRoot));
  return assessment.paths.length > 0 && assessment.paths.every(({ path }) => covers(path));
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
  const isSameTool = matchesName(tool, toolName);
  const access = { read: "read", edit: "write", write: "write" }[tool.toLowerCase()];
  return assessment.paths.some(
    (each) => (isSameTool || each.access === access) && matchesPath(pattern, each.path, projectRoot, "any-case"),
  );
}

function matchesName(wanted: string, actual: string): boolean {
  const [left, right] = [wanted.toLowerCase(), actual.toLowerCase()];
  if (left.endsWith("*")) return right.startsWith(left.slice(0, -1));
  return left === right || (/^mcp__(?:(?!__).)+$/.test(left) && right.startsWith(`${left}__`));
}

/** A pattern without wildcards that names a directory covers all in it. */
function matchesPath(pattern: string, path: string, projectRoot: string, spelling?: "any-case"): boolean {
  const relative = pattern.replace(/^(?:\.\/)+/, "");
  const absolute = relative.startsWith("/") ? relative : `${escapeGlob(projectRoot)}/${relative}`;
  const hasWildcard = /(?:^|[^\\])[*?[{]/.test(relative);
  const patterns = hasWildcard ? [absolute] : [absolute, `${absolute.replace(/\/+$/, "")}/**`];
  return picomatch(patterns, { dot: true, noextglob: true, nocase: spelling === "any-case" })(path);
}

/** A path as a glob that matches just it. */
export function escapeGlob(path: string): string {
  return path.replace(/[\\*?[\]{}()!+@|]/g, "\\$&");
}
