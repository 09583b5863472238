import { dirname } from "node:path";
import { z } from "zod";
import { countChangedLines } from "../files/count-changed-lines.ts";
import { makeDirectories } from "../files/make-directories.ts";
import { writeFileAtomically } from "../files/write-file-atomically.ts";
import { assessPath, type ClaimedPath, claimPath } from "./claim-path.ts";
import { type CurrentFile, readCurrentFile } from "./current-file.ts";
import { normalizeInput, pathAliases } from "./normalize-input.ts";
import { pathInput } from "./path-input.ts";
import type { Tool, ToolContext, ToolResult } from "./tool.ts";
import { failed, withSystemErrors } from "./tool-failure.ts";

interface WriteInput {
  readonly path: string;
  readonly content: string;
}

/** Write: one whole file, new or replaced. */
export const writeTool: Tool<WriteInput> = {
  name: "Write",
  description:
    "Writes a whole file, creating it and its directories as needed. An existing file must have been Read before " +
    "and not have changed since. To change a part of a file use Edit.",
  inputSchema: normalizeInput(
    z.object({
      path: pathInput.describe("The file, relative to the project or absolute"),
      content: z.string().describe("The whole new content"),
    }),
    { ...pathAliases, text: "content", contents: "content" },
  ),
  assess: ({ path }, { projectRoot }) => assessPath(path, { projectRoot, access: "write", effect: "local-mutation" }),
  execute: (input, context) => withSystemErrors(input.path, () => write(input, context)),
};

async function write(input: WriteInput, context: ToolContext): Promise<ToolResult> {
  const claimed = await claimPath(input.path, { access: "write" }, context);
  if (claimed.kind === "refusal") return failed(claimed.message);
  const misled = await makeDirectories(dirname(claimed.path));
  if (misled !== null) return failed(misled.message);
  const current = await readCurrentFile(claimed.path);
  if (current.kind === "refusal") return failed(current.message);
  const objection = current.kind === "file" ? objectionTo(claimed, current, context) : null;
  if (objection !== null) return failed(objection);
  context.signal.throwIfAborted();
  const replaces = current.kind === "file" ? current.fingerprint : null;
  const written = await writeFileAtomically(claimed.path, Buffer.from(input.content), {
    replaces,
    callKey: context.callKey,
  });
  if (written.kind === "refusal") return failed(written.message);
  const kind = current.kind === "file" ? "changed" : "created";
  context.files.recordWrite(claimed.path, kind, written.fingerprint);
  const counts = countChangedLines(current.kind === "file" ? current.bytes.toString() : "", input.content);
  return {
    text: `${kind} ${claimed.shown}: ${counts.addedLines} lines added, ${counts.removedLines} removed`,
    isError: false,
    changes: [{ path: claimed.shown, kind, ...counts }],
  };
}

function objectionTo(claimed: ClaimedPath, current: CurrentFile, context: ToolContext): string | null {
  if (!context.files.isKnown(claimed.path)) return `${claimed.shown} exists and was not read yet; Read it first`;
  if (!context.files.isStale(claimed.path, current.fingerprint)) return null;
  return `${claimed.shown} has changed since it was read; Read it again first`;
}
