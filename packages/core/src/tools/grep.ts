import { stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { displayPath } from "../files/resolve-path.ts";
import { assessPath, type ClaimedPath, claimPath } from "./claim-path.ts";
import { normalizeInput, pathAliases } from "./normalize-input.ts";
import { type GrepLine, parseRipgrepLines } from "./parse-ripgrep.ts";
import { pathInput } from "./path-input.ts";
import { runRipgrep } from "./run-ripgrep.ts";
import type { Tool, ToolContext, ToolResult } from "./tool.ts";
import { failed, withSystemErrors } from "./tool-failure.ts";

const maxLineLength = 500;

interface GrepInput {
  readonly pattern: string;
  readonly path: string;
  readonly glob?: string | undefined;
  readonly output: "lines" | "files";
  readonly ignoreCase: boolean;
  readonly isLiteral: boolean;
  readonly context: number;
  readonly limit: number;
}

/** Grep: lines by regular expression, through ripgrep. */
export const grepTool: Tool<GrepInput> = {
  name: "Grep",
  description:
    "Searches file contents with a regular expression (Rust syntax) and gives `path:line:text`, or only the files. " +
    "What .gitignore names and binary files are left out.",
  inputSchema: normalizeInput(
    z.object({
      pattern: z
        .string()
        .min(1)
        .max(1_000)
        .refine((text) => !text.includes("\0"), "a pattern has no NUL"),
      path: pathInput.default(".").describe("The file or directory, relative to the project or absolute"),
      glob: z.string().min(1).max(256).optional().describe("Only files whose name matches, such as *.ts"),
      output: z.enum(["lines", "files"]).default("lines").describe("The matching lines, or only their files"),
      ignoreCase: z.boolean().default(false),
      isLiteral: z.boolean().default(false).describe("The pattern is plain text"),
      context: z.int().min(0).max(20).default(0).describe("Lines shown around each match"),
      limit: z.int().min(1).max(1_000).default(100).describe("How many lines or files"),
    }),
    { ...pathAliases, include: "glob", case_insensitive: "ignoreCase", ignore_case: "ignoreCase", "-i": "ignoreCase" },
  ),
  assess: async ({ path, pattern }, { projectRoot }) => {
    const assessed = await assessPath(path, { projectRoot, access: "read", effect: "read-only" });
    return { ...assessed, subject: assessed.subject === "." ? pattern : `${pattern} in ${assessed.subject}` };
  },
  execute: (input, context) => withSystemErrors(input.path, () => grep(input, context)),
};

async function grep(input: GrepInput, context: ToolContext): Promise<ToolResult> {
  const claimed = await claimPath(input.path, { access: "read" }, context);
  if (claimed.kind === "refusal") return failed(claimed.message);
  const isDirectory = (await stat(claimed.path)).isDirectory();
  const directory = isDirectory ? claimed.path : dirname(claimed.path);
  const target = isDirectory ? "." : `./${basename(claimed.path)}`;
  const ran = await runRipgrep(directory, [...ripgrepArgs(input), "--", target], context);
  if (ran.kind === "absent") return failed("there is no ripgrep on this machine; use Bash with grep -rn");
  if (ran.kind === "failure") return failed(ran.message);
  const lines = parseRipgrepLines(ran.stdout).map((line) => ({ ...line, path: join(directory, line.path) }));
  const readable = lines.filter((line) => context.pathGuard.check(line.path, "read").kind === "allow");
  return { text: describe(readable, { input, claimed, isCut: ran.isCut, context }), isError: false };
}

function ripgrepArgs(input: GrepInput): readonly string[] {
  return [
    "--null",
    "--with-filename",
    "--line-number",
    "--no-heading",
    "--no-context-separator",
    "--no-require-git",
    "--hidden",
    "--sort=path",
    `--max-columns=${maxLineLength}`,
    "--max-columns-preview",
    "--glob=!.git",
    ...(input.glob === undefined ? [] : [`--glob=${input.glob}`]),
    ...(input.ignoreCase ? ["--ignore-case"] : []),
    ...(input.isLiteral ? ["--fixed-strings"] : []),
    `--context=${input.output === "files" ? 0 : input.context}`,
    `--regexp=${input.pattern}`,
  ];
}

function describe(
  lines: readonly GrepLine[],
  {
    input,
    claimed,
    isCut,
    context,
  }: {
    readonly input: GrepInput;
    readonly claimed: ClaimedPath;
    readonly isCut: boolean;
    readonly context: ToolContext;
  },
): string {
  if (lines.length === 0) return `no match for ${input.pattern} in ${claimed.shown}`;
  const show = (path: string): string => displayPath(context.projectRoot, path).replace(/[\n\r]/g, "?");
  const all =
    input.output === "files"
      ? [...new Set(lines.map((line) => show(line.path)))]
      : lines.map((line) => `${show(line.path)}${line.separator}${line.number}${line.separator}${line.text}`);
  const rest = all.length - input.limit;
  if (rest <= 0 && !isCut) return all.join("\n");
  return [...all.slice(0, input.limit), `[${isCut ? "many" : rest} more; narrow the search or raise limit]`].join("\n");
}
