import { z } from "zod";
import { countChangedLines } from "../files/count-changed-lines.ts";
import { writeFileAtomically } from "../files/write-file-atomically.ts";
import { applyEdits, type TextEdit } from "./apply-edits.ts";
import { assessPath, claimPath } from "./claim-path.ts";
import { readCurrentFile } from "./current-file.ts";
import { normalizeInput, pathAliases } from "./normalize-input.ts";
import { pathInput } from "./path-input.ts";
import type { Tool, ToolContext, ToolResult } from "./tool.ts";
import { failed, withSystemErrors } from "./tool-failure.ts";

interface EditInput {
  readonly path: string;
  readonly edits: readonly TextEdit[];
}

const editAliases: Readonly<Record<string, string>> = {
  old_str: "oldText",
  old_string: "oldText",
  oldString: "oldText",
  old_text: "oldText",
  new_str: "newText",
  new_string: "newText",
  newString: "newText",
  new_text: "newText",
  replace_all: "replaceAll",
};

const textEdit: z.ZodType<TextEdit> = normalizeInput(
  z.object({
    oldText: z.string().min(1).describe("The exact text to replace; it must occur once unless replaceAll"),
    newText: z.string().describe("What stands there afterwards"),
    replaceAll: z.boolean().default(false).describe("Replace every occurrence"),
  }),
  editAliases,
);

/** Edit: several exact replacements in one file, all or none. */
export const editTool: Tool<EditInput> = {
  name: "Edit",
  description:
    "Replaces exact pieces of a file, in order, all or none. Each oldText must occur exactly once, so give enough " +
    "surrounding lines, or set replaceAll. Leave out the line numbers that Read shows.",
  inputSchema: z.preprocess(
    wrapSingleEdit,
    normalizeInput(
      z.object({
        path: pathInput.describe("The file, relative to the project or absolute"),
        edits: z.array(textEdit).min(1).max(200),
      }),
      { ...pathAliases, replacements: "edits" },
    ),
  ),
  assess: ({ path }, { projectRoot }) => assessPath(path, { projectRoot, access: "write", effect: "local-mutation" }),
  execute: (input, context) => withSystemErrors(input.path, () => edit(input, context)),
};

/** Models also write the one replacement they want at the top level. */
function wrapSingleEdit(value: unknown): unknown {
  if (typeof value !== "object" || value === null || "edits" in value || "replacements" in value) return value;
  const isOfEdit = ([name]: [string, unknown]): boolean =>
    Object.hasOwn(editAliases, name) || Object.values(editAliases).includes(name);
  const entries: [string, unknown][] = Object.entries(value);
  const ofEdit = entries.filter(isOfEdit);
  if (ofEdit.length === 0) return value;
  return Object.fromEntries([...entries.filter((entry) => !isOfEdit(entry)), ["edits", [Object.fromEntries(ofEdit)]]]);
}

async function edit(input: EditInput, context: ToolContext): Promise<ToolResult> {
  const claimed = await claimPath(input.path, { access: "write" }, context);
  if (claimed.kind === "refusal") return failed(claimed.message);
  const current = await readCurrentFile(claimed.path);
  if (current.kind === "refusal") return failed(current.message);
  if (current.kind === "absent") return failed(`${claimed.shown}: there is no such file; create it with Write`);
  if (context.files.isStale(claimed.path, current.fingerprint)) {
    return failed(`${claimed.shown} has changed since it was read; Read it again first`);
  }
  const before = decodeExactly(current.bytes);
  if (before === null) return failed(`${claimed.shown} is not UTF-8 text, so it cannot be edited; use Bash`);
  const edited = applyEdits(before, input.edits);
  if (edited.kind === "refusal") return failed(`${claimed.shown}: ${edited.message}; nothing was changed`);
  context.signal.throwIfAborted();
  const written = await writeFileAtomically(claimed.path, Buffer.from(edited.text), {
    replaces: current.fingerprint,
    callKey: context.callKey,
  });
  if (written.kind === "refusal") return failed(written.message);
  context.files.recordWrite(claimed.path, "changed", written.fingerprint);
  const counts = countChangedLines(before, edited.text);
  return {
    text: `changed ${claimed.shown}: ${edited.replaced} replaced, ${counts.addedLines} lines added, ${counts.removedLines} removed`,
    isError: false,
    changes: [{ path: claimed.shown, kind: "changed", ...counts }],
  };
}

/** Null unless encoding the text again gives the same bytes; a byte order mark stays in the text. */
function decodeExactly(bytes: Buffer): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null; // not UTF-8
  }
}
