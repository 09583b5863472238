import { randomUUID } from "node:crypto";
import { chmodSync, lstatSync, readlinkSync, renameSync, statSync, symlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { type HeldDirectory, makeDirectory, openDirectory, openWithin } from "./open-directory.ts";
import type { PathSurvey } from "./survey-paths.ts";

type Watched = PathSurvey["watched"][number];
/** What a survey says about paths with nothing to mount over. */
export type WatchList = Pick<PathSurvey, "watched" | "absentGitDirectories">;

/** A protected path that was created or replaced, and what became of it. */
export interface UndoneChange {
  readonly path: string;
  readonly outcome:
    | { readonly kind: "moved"; readonly to: string }
    /** A link that had been deleted was made again. */
    | { readonly kind: "put-back" }
    | { readonly kind: "still-there" };
}

/**
 * Moves watched paths that appeared since the survey into the first of `quarantineDirs` that takes them, and puts links back. Nothing is deleted
 * or copied: the user may have made it, and another command may be changing it right now. This runs outside the sandbox, which cannot write to
 * the quarantine, so every path is walked without following links, and nothing below the moved name is looked at.
 */
export function undoPlanted(survey: WatchList, quarantineDirs: readonly string[]): UndoneChange[] {
  return plantedSince(survey).flatMap((planted) => undo(planted, quarantineDirs) ?? []);
}

function plantedSince(survey: WatchList): Watched[] {
  const isReplaced = (path: string): boolean => !["absent", "directory"].includes(look(path).kind);
  return [
    ...survey.absentGitDirectories.filter(isReplaced).map((path) => ({ path, linkTarget: null })),
    ...survey.watched.filter((watched) => !isAsBefore(watched, watched.path)),
  ];
}

/** Null when an earlier move took it along. */
function undo(watched: Watched, quarantineDirs: readonly string[]): UndoneChange | null {
  const { path, linkTarget } = watched;
  try {
    using parent = openDirectory(dirname(path));
    const entry = `${parent.path}/${basename(path)}`;
    const isThere = look(entry).kind !== "absent";
    if (!isThere && linkTarget === null) return null;
    const to = isThere ? moveAside(parent, path, quarantineDirs) : null;
    if (linkTarget !== null && look(entry).kind === "absent") symlinkSync(linkTarget, entry);
    if (!isAsBefore(watched, entry)) return { path, outcome: { kind: "still-there" } };
    return { path, outcome: to === null ? { kind: "put-back" } : { kind: "moved", to } };
  } catch {
    // Its parent is a link, or may not be written: the report says that it was not undone.
    return look(path).kind === "absent" && linkTarget === null ? null : { path, outcome: { kind: "still-there" } };
  }
}

/** Where it is now. What no quarantine takes (a command can spoil the one in the project) gets another name where it is. */
function moveAside(parent: HeldDirectory, path: string, quarantineDirs: readonly string[]): string {
  const name = basename(path);
  const newName = `${name}-${randomUUID()}`; // which no tool looks for
  for (const directory of quarantineDirs) {
    try {
      using quarantine = makeDirectory(directory);
      if (statSync(quarantine.path).uid !== process.getuid?.()) continue; // `/tmp` has other users, who could have made it
      chmodSync(quarantine.path, 0o700);
      moveEntry(parent, name, `${quarantine.path}/${newName}`);
      return join(directory, newName);
    } catch {
      // On another device, or not writable: nothing has moved, and the next one may do.
    }
  }
  moveEntry(parent, name, `${parent.path}/${newName}`);
  return join(dirname(path), newName);
}

function moveEntry(parent: HeldDirectory, name: string, to: string): void {
  const entry = `${parent.path}/${name}`;
  try {
    renameSync(entry, to);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EACCES")) throw error;
    // Made read-only on purpose: rename(2) needs write permission on the parent, and on a directory that gets another one.
    makeWritable(parent);
    if (look(entry).kind === "directory") {
      using directory = openWithin(parent, name);
      makeWritable(directory);
    }
    renameSync(entry, to);
  }
}

function makeWritable(directory: HeldDirectory): void {
  chmodSync(directory.path, (statSync(directory.path).mode & 0o777) | 0o700);
}

function isAsBefore({ linkTarget }: Watched, path: string): boolean {
  const now = look(path);
  return linkTarget === null ? now.kind === "absent" : now.kind === "link" && now.target === linkTarget;
}

type Look = { readonly kind: "absent" | "directory" | "file" } | { readonly kind: "link"; readonly target: string };

function look(path: string): Look {
  try {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return { kind: "absent" };
    if (stats.isSymbolicLink()) return { kind: "link", target: readlinkSync(path) };
    return { kind: stats.isDirectory() ? "directory" : "file" };
  } catch {
    return { kind: "absent" }; // its parent is no directory (any more)
  }
}
