import type { Dirent } from "node:fs";
import { opendir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { assessPath, claimPath } from "./claim-path.ts";
import { normalizeInput, pathAliases } from "./normalize-input.ts";
import { pathInput } from "./path-input.ts";
import type { Tool, ToolContext, ToolResult } from "./tool.ts";
import { failed, withSystemErrors } from "./tool-failure.ts";

const maxEntries = 400;
/** Entries looked at before sorting; a directory with more is a job for Glob. */
const maxScanned = 20_000;

interface ListInput {
  readonly path: string;
}

/** List: the entries of one directory, hidden ones too. */
export const listTool: Tool<ListInput> = {
  name: "List",
  description:
    "Lists one directory: directories first (with a final /), then files, hidden ones too. For trees use Glob.",
  inputSchema: normalizeInput(
    z.object({ path: pathInput.default(".").describe("The directory, relative to the project or absolute") }),
    pathAliases,
  ),
  assess: ({ path }, { projectRoot }) => assessPath(path, { projectRoot, access: "read", effect: "read-only" }),
  execute: (input, context) => withSystemErrors(input.path, () => list(input, context)),
};

async function list(input: ListInput, context: ToolContext): Promise<ToolResult> {
  const claimed = await claimPath(input.path, { access: "read" }, context);
  if (claimed.kind === "refusal") return failed(claimed.message);
  const names: string[] = [];
  for await (const entry of await opendir(claimed.path)) {
    context.signal.throwIfAborted();
    const isOpen = context.pathGuard.check(join(claimed.path, entry.name), "read").kind === "allow";
    names.push(isOpen ? nameOf(entry) : `${nameOf(entry)} [protected]`);
    if (names.length === maxScanned) break;
  }
  names.sort(directoriesFirst);
  const shown = names.slice(0, maxEntries).map(oneLine);
  const rest = names.length - shown.length;
  const end = rest === 0 ? [] : [`[${rest}${names.length === maxScanned ? " or more" : ""} more entries; use Glob]`];
  const head = names.length === 0 ? `${claimed.shown} is an empty directory` : `${claimed.shown}:`;
  return { text: [head, ...shown, ...end].join("\n"), isError: false };
}

function nameOf(entry: Dirent): string {
  if (entry.isDirectory()) return `${entry.name}/`;
  return entry.isSymbolicLink() ? `${entry.name}@` : entry.name;
}

function directoriesFirst(left: string, right: string): number {
  const byKind = Number(right.endsWith("/")) - Number(left.endsWith("/"));
  return byKind !== 0 ? byKind : left < right ? -1 : 1;
}

/** A name with line breaks must not look like several. */
function oneLine(name: string): string {
  return /[\n\r]/.test(name) ? JSON.stringify(name) : name;
}
