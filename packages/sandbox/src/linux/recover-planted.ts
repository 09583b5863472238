import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { JOURNAL_DIRECTORY } from "./planted-journal.ts";
import { identifyProcess } from "./process-tree.ts";
import { type UndoneChange, undoPlanted } from "./undo-planted.ts";

/**
 * Undoes what commands planted whose Koda was killed before it could, as far as `directory`, Koda's own, has journals of it; see `PlantedJournal`.
 * Journals of processes that live are left alone, and one that cannot be read is removed: it tells nothing.
 */
export async function recoverPlanted(directory: string): Promise<readonly UndoneChange[]> {
  const journals = join(directory, JOURNAL_DIRECTORY);
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
    if (journal !== null) {
      changes.push(...undoPlanted(journal, journal.quarantineDirs));
    }
    rmSync(claimed, { force: true });
  }
  return changes;
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
