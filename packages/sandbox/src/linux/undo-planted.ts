import { lstatSync, readlinkSync } from "node:fs";
import type { PathSurvey } from "./survey-paths.ts";

type Watched = PathSurvey["watched"][number];

/** Watched paths that a command created or replaced since the survey. */
export function plantedSince(survey: PathSurvey): Watched[] {
  return survey.watched.filter(({ path, linkTarget }) => currentLink(path) !== linkTarget);
}

/**
 * The command that puts watched paths back. It is run inside the sandbox, so that a race over what a path means
 * (a link swapped in while it deletes) can reach nothing that the sandbox could not delete anyway.
 */
export function undoCommand(planted: readonly Watched[]): string[] {
  const script = 'while [ $# -gt 0 ]; do rm -rf -- "$1"; [ -z "$2" ] || ln -s -- "$2" "$1"; shift 2; done';
  return ["/bin/sh", "-c", script, "koda", ...planted.flatMap(({ path, linkTarget }) => [path, linkTarget ?? ""])];
}

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
