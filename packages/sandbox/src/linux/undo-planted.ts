import { lstatSync, readlinkSync } from "node:fs";
import type { PathSurvey } from "./survey-paths.ts";

type Watched = PathSurvey["watched"][number];

/** Watched paths that a command created or replaced since the survey. */
export function plantedSince(survey: PathSurvey): Watched[] {
  const replacedGit = survey.absentGitDirectories.filter((path) => !isDirectoryOrAbsent(path));
  return [
    ...replacedGit.map((path) => ({ path, linkTarget: null })),
    ...survey.watched.filter(({ path, linkTarget }) => currentLink(path) !== linkTarget),
  ];
}

/**
 * The command that puts watched paths back. It is run inside the sandbox, so that a race over what a path means
 * (a link swapped in while it deletes) can reach nothing that the sandbox could not delete anyway.
 */
export function undoCommand(planted: readonly Watched[]): string[] {
  return ["/bin/sh", "-c", UNDO_SCRIPT, "koda", ...planted.flatMap(({ path, linkTarget }) => [path, linkTarget ?? ""])];
}

/** What was made read-only on purpose goes, too: directories without write permission keep their names. */
const UNDO_SCRIPT = `
while [ $# -gt 0 ]; do
  rm -rf -- "$1" || { chmod u+rwx -- "\${1%/*}"; [ -L "$1" ] || chmod -R u+rwx -- "$1"; rm -rf -- "$1"; }
  [ -z "$2" ] || ln -s -- "$2" "$1"
  shift 2
done`;

/** Where the link points; null when nothing is there; a NUL, which no link holds, for anything else. */
function currentLink(path: string): string | null {
  try {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return null;
    return stats.isSymbolicLink() ? readlinkSync(path) : "\0";
  } catch {
    return null; // its parent is no directory (any more)
  }
}

function isDirectoryOrAbsent(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? true;
}
