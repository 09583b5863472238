import { z } from "zod";
import { fingerprintOf } from "../files/fingerprint.ts";
import { openRegularFile } from "../files/open-regular-file.ts";
import { assessPath, claimPath } from "./claim-path.ts";
import { normalizeInput, pathAliases } from "./normalize-input.ts";
import { pathInput } from "./path-input.ts";
import { readLines } from "./read-lines.ts";
import type { Tool, ToolContext, ToolResult } from "./tool.ts";
import { failed, withSystemErrors } from "./tool-failure.ts";

/** The most lines of one answer; more are read on request. */
const maxLines = 2_000;

interface ReadInput {
  readonly path: string;
  readonly offset: number;
  readonly limit: number;
}

/** Read: the lines of a text file, numbered. */
export const readTool: Tool<ReadInput> = {
  name: "Read",
  description:
    "Reads a text file of the project. Lines come numbered as `number<TAB>text`. " +
    "Long files come in parts: the answer says with which offset to read on.",
  inputSchema: normalizeInput(
    z.object({
      path: pathInput.describe("The file, relative to the project or absolute"),
      offset: z.int().min(1).default(1).describe("The first line wanted, counted from 1"),
      limit: z.int().min(1).max(maxLines).default(maxLines).describe("How many lines"),
    }),
    { ...pathAliases, start_line: "offset", startLine: "offset", num_lines: "limit", numLines: "limit" },
  ),
  assess: ({ path }, { projectRoot }) => assessPath(path, { projectRoot, access: "read", effect: "read-only" }),
  execute: (input, context) => withSystemErrors(input.path, () => read(input, context)),
};

async function read(input: ReadInput, context: ToolContext): Promise<ToolResult> {
  const claimed = await claimPath(input.path, { access: "read" }, context);
  if (claimed.kind === "refusal") return failed(claimed.message);
  const opened = await openRegularFile(claimed.path);
  if (opened.kind === "refusal") return failed(opened.message);
  await using file = opened;
  const part = await readLines(file.handle, input, context.signal);
  if (part.kind === "binary") {
    return failed(`${claimed.shown} is not text: it has NUL bytes (${file.stats.size} bytes in all)`);
  }
  context.files.recordRead(claimed.path, fingerprintOf(file.stats));
  return { text: describePart(claimed.shown, input, part), isError: false };
}

function describePart(
  shown: string,
  { offset }: ReadInput,
  { lines, hasMore }: { readonly lines: readonly string[]; readonly hasMore: boolean },
): string {
  if (lines.length === 0) return offset === 1 ? `${shown} is empty` : `${shown} has fewer than ${offset} lines`;
  const last = offset + lines.length - 1;
  const numbered = lines.map((line, index) => `${offset + index}\t${line}`);
  const end = hasMore ? `[more lines follow: read on with offset ${last + 1}]` : "[end of file]";
  return [`${shown}, lines ${offset}-${last}:`, ...numbered, end].join("\n");
}
