import { isUtf8 } from "node:buffer";
import { lstat, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { countLines } from "../files/count-changed-lines.ts";
import { type Refusal, refuse } from "../files/refusal.ts";
import { displayPath } from "../files/resolve-path.ts";
import type { ClaimedPath } from "./claim-path.ts";
import type { FileChange } from "./file-change.ts";
import type { ToolContext } from "./tool.ts";

/** Above this many files a deletion is told as one change. */
const maxListedFiles = 1_000;
/** Lines of larger files are not counted. */
const maxCountedBytes = 1024 * 1024;

/** What a deletion will take away. */
export interface DeletionSurvey {
  readonly kind: "survey";
  /** Everything below, absolute. Empty for a file. */
  readonly paths: readonly string[];
  readonly changes: readonly FileChange[];
}

/**
 * Looks at everything below before any of it goes, so that a protected file deep inside saves its whole tree. Follows no links.
 * A name that is not UTF-8 saves it too: no guard could judge it, and half of the tree would be gone when it is met.
 */
export async function surveyDeletion(claimed: ClaimedPath, context: ToolContext): Promise<DeletionSurvey | Refusal> {
  const stats = await lstat(claimed.path);
  const files: string[] = stats.isFile() ? [claimed.path] : [];
  const paths: string[] = [];
  for (const directories = stats.isDirectory() ? [claimed.path] : []; directories.length > 0; ) {
    const directory = directories.pop() ?? claimed.path;
    for (const entry of await readdir(directory, { withFileTypes: true, encoding: "buffer" })) {
      context.signal.throwIfAborted();
      if (!isUtf8(entry.name)) {
        return refuse(
          `${displayPath(context.projectRoot, directory)} holds a name that is not UTF-8 (${escapeBytes(entry.name)}), ` +
            "which only a command can delete; nothing was deleted",
        );
      }
      const path = join(directory, entry.name.toString());
      const verdict = context.pathGuard.check(path, "write");
      if (verdict.kind === "deny") return refuse(`${path} is protected: ${verdict.rule}; nothing was deleted`);
      paths.push(path);
      if (entry.isDirectory()) directories.push(path);
      else files.push(path);
    }
  }
  return { kind: "survey", paths, changes: await toChanges(files, claimed, context.projectRoot) };
}

/** Bytes beyond printable ASCII as `\xff`. */
function escapeBytes(name: Buffer): string {
  return name
    .toString("latin1")
    .replace(/[^\x20-\x7e]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`);
}

async function toChanges(
  files: readonly string[],
  claimed: ClaimedPath,
  projectRoot: string,
): Promise<readonly FileChange[]> {
  if (files.length === 0 || files.length > maxListedFiles) {
    return [{ path: claimed.shown, kind: "deleted", addedLines: 0, removedLines: 0 }];
  }
  const changes: FileChange[] = [];
  for (const file of files) {
    const shown = displayPath(projectRoot, file);
    changes.push({ path: shown, kind: "deleted", addedLines: 0, removedLines: await countFileLines(file) });
  }
  return changes;
}

async function countFileLines(path: string): Promise<number> {
  const stats = await lstat(path);
  if (!stats.isFile() || stats.size > maxCountedBytes) return 0;
  const bytes = await readFile(path);
  return bytes.includes(0) ? 0 : countLines(bytes.toString());
}
