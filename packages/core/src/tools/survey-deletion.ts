import { lstat, opendir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { countLines } from "../files/count-changed-lines.ts";
import { type Refusal, refuse } from "../files/refusal.ts";
import { displayPath } from "../files/resolve-path.ts";
import type { ClaimedPath } from "./claim-path.ts";
import type { FileChange, ToolContext } from "./tool.ts";

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

/** Looks at everything below before any of it goes, so that a protected file deep inside saves its whole tree. Follows no links. */
export async function surveyDeletion(claimed: ClaimedPath, context: ToolContext): Promise<DeletionSurvey | Refusal> {
  const stats = await lstat(claimed.path);
  const files: string[] = stats.isFile() ? [claimed.path] : [];
  const paths: string[] = [];
  for (const directories = stats.isDirectory() ? [claimed.path] : []; directories.length > 0; ) {
    const directory = directories.pop() ?? claimed.path;
    for await (const entry of await opendir(directory)) {
      context.signal.throwIfAborted();
      const path = join(directory, entry.name);
      const verdict = context.pathGuard.check(path, "write");
      if (verdict.kind === "deny") return refuse(`${path} is protected: ${verdict.rule}; nothing was deleted`);
      paths.push(path);
      if (entry.isDirectory()) directories.push(path);
      else files.push(path);
    }
  }
  return { kind: "survey", paths, changes: await toChanges(files, claimed, context.projectRoot) };
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
