import { lstat, unlink } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { z } from "zod";
import { HeldDirectory } from "../files/held-directory.ts";
import { removeTree } from "../files/remove-tree.ts";
import { isInside } from "../files/resolve-path.ts";
import { assessPath, type ClaimedPath, claimPath } from "./claim-path.ts";
import { normalizeInput, pathAliases } from "./normalize-input.ts";
import { pathInput } from "./path-input.ts";
import { surveyDeletion } from "./survey-deletion.ts";
import type { Tool, ToolContext, ToolResult } from "./tool.ts";
import { failed, withSystemErrors } from "./tool-failure.ts";

interface DeleteInput {
  readonly path: string;
  readonly recursive: boolean;
}

/** Delete: one file, or with `recursive` a directory and all in it. A link is deleted itself, never what it points to. */
export const deleteTool: Tool<DeleteInput> = {
  name: "Delete",
  description: "Deletes a file. With recursive: true also a directory and everything in it.",
  inputSchema: normalizeInput(
    z.object({
      path: pathInput.describe("The file or directory, relative to the project or absolute"),
      recursive: z.boolean().default(false).describe("Needed for a directory"),
    }),
    pathAliases,
  ),
  assess: ({ path }, { projectRoot }) =>
    assessPath(path, { projectRoot, access: "write", effect: "destructive", finalLink: "keep" }),
  execute: (input, context) => withSystemErrors(input.path, () => remove(input, context)),
};

async function remove(input: DeleteInput, context: ToolContext): Promise<ToolResult> {
  const claimed = await claimPath(input.path, { access: "write", finalLink: "keep" }, context);
  if (claimed.kind === "refusal") return failed(claimed.message);
  if (isInside(claimed.path, context.projectRoot)) return failed("the project itself is not deleted");
  const directory = await HeldDirectory.open(dirname(claimed.path));
  if (directory.kind === "refusal") return failed(directory.message);
  await using held = directory;
  const entry = held.entry(basename(claimed.path));
  const isDirectory = (await lstat(entry)).isDirectory();
  if (isDirectory && !input.recursive)
    return failed(`${claimed.shown} is a directory; set recursive to delete all in it`);
  return await deleteEntry({ claimed, held, isDirectory }, context);
}

async function deleteEntry(
  {
    claimed,
    held,
    isDirectory,
  }: { readonly claimed: ClaimedPath; readonly held: HeldDirectory; readonly isDirectory: boolean },
  context: ToolContext,
): Promise<ToolResult> {
  const survey = await surveyDeletion(claimed, context);
  if (survey.kind === "refusal") return failed(survey.message);
  context.signal.throwIfAborted();
  const name = basename(claimed.path);
  if (isDirectory) await removeTree(held, name);
  else await unlink(held.entry(name));
  for (const path of [claimed.path, ...survey.paths]) context.files.recordWrite(path, "deleted", "");
  const count = isDirectory ? ` and the ${survey.paths.length} entries in it` : "";
  return { text: `deleted ${claimed.shown}${count}`, isError: false, changes: survey.changes };
}
