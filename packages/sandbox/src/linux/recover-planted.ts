import { randomUUID } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync, renameSync, rmSync, type Stats } from "node:fs";
import { basename, dirname, join } from "node:path";
import { PROTECTED_GIT_PATHS, PROTECTED_HOME_PATHS, PROTECTED_PROJECT_PATHS } from "../policy/always-denied.ts";
import { JOURNAL_DIRECTORY } from "./planted-journal.ts";
import { identifyProcess } from "./process-tree.ts";
import { type UndoneChange, undoPlanted, type WatchList } from "./undo-planted.ts";

/**
 * Undoes what commands planted whose Koda was killed before it could, as far as `directory`, Koda's own, has journals of it; see `PlantedJournal`.
 * Journals of processes that live are left alone, and one that cannot be read is removed: it tells nothing. A journal is believed no further than
 * it must be: only protected names are moved, to where this Koda keeps such things, and no link is made.
 */
export async function recoverPlanted(directory: string): Promise<readonly UndoneChange[]> {
  const journals = join(directory, JOURNAL_DIRECTORY);
  if (!isOursAlone(journals)) return [];
  const changes: UndoneChange[] = [];
  for (const name of listNames(journals)) {
    const claimed = join(journals, `claimed-${process.pid}-${randomUUID()}.json`);
    if (isOfTheLiving(journals, name)) continue;
    try {
      renameSync(join(journals, name), claimed); // of two that open at once, one gets it
    } catch {
      continue;
    }
    const journal = await readJournal(claimed);
    for (const path of journal === null ? [] : plantedPaths(journal)) {
      const quarantineDirs = [join(directory, QUARANTINE), join(dirname(path), `.koda-${QUARANTINE}`)];
      changes.push(...undoPlanted({ watched: [{ path, linkTarget: null }], absentGitDirectories: [] }, quarantineDirs));
    }
    rmSync(claimed, { force: true });
  }
  return changes;
}

const QUARANTINE = "quarantine";

/** Protected paths that were absent, or links, and are something else now. */
function plantedPaths({ watched, absentGitDirectories }: WatchList): string[] {
  return [
    ...watched
      .filter(({ path, linkTarget }) => isProtectedName(path) && !isLinkTo(path, linkTarget))
      .map(({ path }) => path),
    ...absentGitDirectories.filter((path) => basename(path) === ".git" && !isDirectory(path)),
  ];
}

const PROTECTED_NAMES: readonly string[] = [
  ...PROTECTED_PROJECT_PATHS,
  ...PROTECTED_GIT_PATHS,
  ...PROTECTED_HOME_PATHS,
  ".git",
  "HEAD",
];

function isProtectedName(path: string): boolean {
  return PROTECTED_NAMES.some((name) => path.endsWith(`/${name}`));
}

function isLinkTo(path: string, target: string | null): boolean {
  try {
    return target !== null && readlinkSync(path) === target;
  } catch {
    return false; // absent, or no link
  }
}

function isDirectory(path: string): boolean {
  return lookAt(path)?.isDirectory() === true;
}

function lookAt(path: string): Stats | null {
  try {
    return lstatSync(path);
  } catch {
    return null; // absent, or below a file
  }
}

function isOursAlone(directory: string): boolean {
  const stats = lookAt(directory);
  return stats?.isDirectory() === true && stats.uid === process.getuid?.() && (stats.mode & 0o077) === 0;
}

/** By number and start, since numbers are given again. One that is claimed belongs to who claims it. */
function isOfTheLiving(journals: string, name: string): boolean {
  const claimer = /^claimed-(\d+)-/.exec(name)?.[1];
  if (claimer !== undefined) return identifyProcess(Number(claimer)) !== null;
  const text = readText(join(journals, name));
  const pid = /"pid":(\d+)/.exec(text)?.[1];
  const startTime = /"startTime":"(\d+)"/.exec(text)?.[1];
  return pid !== undefined && identifyProcess(Number(pid))?.startTime === startTime;
}

/** Null when no command was running, or it cannot be read. */
async function readJournal(path: string) {
  const text = readText(path);
  if (!text.startsWith("1")) return null;
  const { parseJournal } = await import("./journal-schema.ts");
  return parseJournal(text.slice(1));
}

function listNames(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // there has been none
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // claimed by another meanwhile
  }
}
