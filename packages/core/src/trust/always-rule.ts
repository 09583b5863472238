import type { CallAssessment } from "../tools/tool.ts";
import { isInterpreter } from "./bash/scripts-run.ts";
import { splitWords } from "./bash/word.ts";
import { escapeGlob } from "./match-rule.ts";

/** Programs whose first words name a task of the project, the same whatever follows. */
const taskRunners: ReadonlyMap<string, RegExp> = new Map([
  ["npm", /^(?:test|t|run [\w:.-]+)$/],
  ["pnpm", /^(?:test|run [\w:.-]+)$/],
  ["yarn", /^(?:test|run [\w:.-]+)$/],
  ["bun", /^(?:test|run [\w:.-]+)$/],
  ["cargo", /^(?:build|check|test|clippy|fmt)$/],
  ["go", /^(?:build|vet|test|fmt)$/],
  ["make", /^[\w.-]+$/],
]);
/** Run whatever they are told to: a rule for one of their calls would say nothing. */
const openEnded =
  /^(?:git|env|xargs|time|timeout|nohup|nice|command|builtin|exec|setsid|stdbuf|flock|watch|parallel|busybox|npx|bunx|pnpx|uvx|eval|source|\.|trap|alias|export|declare|set|tee|find|fd|sed|awk|vim|vi|ed|tar)$/;

/**
 * The smallest rule that "always" would remember for a call, or null where none may: destructive and remote calls, several commands
 * at once, interpreters, wrappers, git, and commands with redirections, variables or paths outside.
 * For a task of the project (`npm test`) it is a prefix, for other commands the exact text, for a file its directory.
 */
export function alwaysRuleFor(toolName: string, assessment: CallAssessment): string | null {
  if (assessment.effect === "destructive") return null;
  if (toolName === "Bash") return alwaysRuleForBash(assessment);
  const [path, ...more] = assessment.paths;
  if (path === undefined) return more.length === 0 && assessment.commands.length === 0 ? toolName : null;
  const isInProject = !assessment.subject.startsWith("/") && path.path.endsWith(`/${assessment.subject}`);
  if (!isInProject) return `${toolName}(${escapeGlob(path.path)})`;
  const directory = assessment.subject.slice(0, assessment.subject.lastIndexOf("/") + 1);
  return `${toolName}(${directory === "" ? escapeGlob(assessment.subject) : `${escapeGlob(directory)}*`})`;
}

function alwaysRuleForBash({ effect, commands, readOnlyCommands, paths }: CallAssessment): string | null {
  if (effect !== "local-mutation" || paths.some(({ access }) => access === "write")) return null;
  const harmless = new Set(readOnlyCommands ?? []);
  const [command, ...more] = commands.filter((each) => !harmless.has(each));
  if (command === undefined || more.length > 0 || /[\n\r*]/.test(command)) return null;
  const words = splitWords(command)?.map(({ value }) => value) ?? [];
  const [program, ...args] = words;
  if (program === undefined || program === null || words.includes(null)) return null;
  if (
    /[=/]/.test(program) ||
    openEnded.test(program) ||
    isInterpreter(program) ||
    args.includes("dlx") ||
    args.includes("exec")
  ) {
    return null;
  }
  const runner = taskRunners.get(program);
  const task = [args.slice(0, 1), args.slice(0, 2)].map((each) => each.join(" ")).find((each) => runner?.test(each));
  return task === undefined ? `Bash(${command})` : `Bash(${program} ${task}:*)`;
}
