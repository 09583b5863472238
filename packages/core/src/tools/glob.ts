import { stat } from "node:fs/promises";
import { join } from "node:path";
import picomatch from "picomatch";
import { glob as globInProcess } from "tinyglobby";
import { z } from "zod";
import { displayPath } from "../files/resolve-path.ts";
import { assessPath, type ClaimedPath, claimPath } from "./claim-path.ts";
import { globInput } from "./glob-input.ts";
import { normalizeInput, pathAliases } from "./normalize-input.ts";
import { pathInput } from "./path-input.ts";
import { runRipgrep } from "./run-ripgrep.ts";
import type { Tool, ToolContext, ToolResult } from "./tool.ts";
import { failed, withSystemErrors } from "./tool-failure.ts";

const maxPaths = 400;

interface GlobInput {
  readonly pattern: string;
  readonly path: string;
}

/** Glob: file names by pattern. */
export const globTool: Tool<GlobInput> = {
  name: "Glob",
  description:
    "Finds files by name pattern, such as `**/*.ts` or `src/*/index.js`; `*` stays within a directory, `**` does not. " +
    "What .gitignore names is left out.",
  inputSchema: normalizeInput(
    z.object({
      pattern: globInput,
      path: pathInput.default(".").describe("The directory to search, relative to the project or absolute"),
    }),
    { ...pathAliases, glob: "pattern" },
  ),
  assess: async ({ path, pattern }, { projectRoot }) => {
    const assessed = await assessPath(path, { projectRoot, access: "read", effect: "read-only" });
    return { ...assessed, subject: assessed.subject === "." ? pattern : `${pattern} in ${assessed.subject}` };
  },
  execute: (input, context) => withSystemErrors(input.path, () => findFiles(input, context)),
};

async function findFiles(input: GlobInput, context: ToolContext): Promise<ToolResult> {
  const claimed = await claimPath(input.path, { access: "read" }, context);
  if (claimed.kind === "refusal") return failed(claimed.message);
  if (!(await stat(claimed.path)).isDirectory()) return failed(`${claimed.shown} is a file, not a directory`);
  const found = await listMatches(claimed, input.pattern, context);
  if (found.kind === "failure") return failed(found.message);
  const shown = found.paths.slice(0, maxPaths).map((path) => oneLine(displayPath(context.projectRoot, path)));
  const rest = found.paths.length - shown.length;
  const end = rest > 0 || found.isCut ? [`[${found.isCut ? "many" : rest} more files; narrow the pattern]`] : [];
  const text =
    shown.length === 0 ? `no file matches ${input.pattern} in ${claimed.shown}` : [...shown, ...end].join("\n");
  return { text, isError: false };
}

async function listMatches(
  { path }: ClaimedPath,
  pattern: string,
  context: ToolContext,
): Promise<
  | { readonly kind: "found"; readonly paths: readonly string[]; readonly isCut: boolean }
  | { readonly kind: "failure"; readonly message: string }
> {
  const listed = await runRipgrep(
    path,
    ["--files", "--null", "--hidden", "--no-require-git", "--glob", "!.git"],
    context,
  );
  if (listed.kind === "failure") return listed;
  const matches = picomatch(pattern, { dot: true, noextglob: true, strictSlashes: true });
  const names =
    listed.kind === "output"
      ? listed.stdout
          .split("\0")
          .slice(0, -1)
          .filter((name) => matches(name))
      : await withoutRipgrep(path, pattern, context.signal);
  const paths = names.map((name) => join(path, name)).sort();
  const readable = paths.filter((each) => context.pathGuard.check(each, "read").kind === "allow");
  return { kind: "found", paths: readable, isCut: listed.kind === "output" && listed.isCut };
}

/** Slower, and does not know .gitignore. */
const withoutRipgrep = (cwd: string, pattern: string, signal: AbortSignal): Promise<string[]> =>
  globInProcess(pattern, {
    cwd,
    signal,
    dot: true,
    followSymbolicLinks: false,
    expandDirectories: false,
    ignore: ["**/.git/**", "**/node_modules/**"],
  });

function oneLine(path: string): string {
  return /[\n\r]/.test(path) ? JSON.stringify(path) : path;
}
