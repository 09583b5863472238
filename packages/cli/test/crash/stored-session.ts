import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Draft,
  type Entry,
  findUnfinishedTurn,
  isLeaseOwnerAlive,
  openSqliteStore,
  type SessionRecord,
  type Store,
  type ToolCallRecord,
} from "@koda/core";
import type { Place } from "../run-koda.ts";

/** What a killed process has left of its session, as the next one will find it. */
export interface StoredSession {
  readonly record: SessionRecord;
  readonly entries: readonly Entry[];
  readonly calls: readonly ToolCallRecord[];
  readonly draft: Draft | null;
  readonly hasUnfinishedTurn: boolean;
  /** Null: nobody has the session open, as far as the next process can tell. */
  readonly openIn: number | null;
}

export interface StoredState {
  /** Those with a prompt, the latest first. */
  readonly sessions: readonly StoredSession[];
  /** What SQLite itself finds wrong with the file. */
  readonly faults: readonly string[];
}

/** Reads a copy: the file itself is for the next process to open and repair, and for nobody else. */
export async function readStoredState({ home, project }: Place): Promise<StoredState> {
  const dir = await mkdtemp(join(tmpdir(), "koda-crash-"));
  try {
    const path = join(dir, "koda.db");
    const source = join(home, ".local", "share", "koda", "koda.db");
    if (!(await isCopied(source, path))) return { sessions: [], faults: [] };
    await isCopied(`${source}-wal`, `${path}-wal`);
    const faults = findFaults(path);
    if (faults.length > 0) return { sessions: [], faults };
    const store = openSqliteStore(path);
    try {
      return { sessions: store.listSessions(project).map((record) => readSession(store, record)), faults };
    } finally {
      store.close();
    }
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function readSession(store: Store, record: SessionRecord): StoredSession {
  const entries = store.readEntries(record.id);
  const owner = store.readLease(record.id);
  const isAlive = isLeaseOwnerAlive(() => Date.now());
  return {
    record,
    entries,
    calls: store.readCalls(record.id),
    draft: store.readDraft(record.id),
    hasUnfinishedTurn: findUnfinishedTurn(entries, (id) => store.readEntry(id)) !== null,
    openIn: owner !== null && isAlive(owner) ? owner.pid : null,
  };
}

function findFaults(path: string): readonly string[] {
  // Not the SQLite that Koda writes with. The bundler of the tests knows no `node:sqlite` by name.
  const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
  const database = new DatabaseSync(path);
  try {
    const found = database.prepare("PRAGMA integrity_check").all();
    const dangling = database.prepare("PRAGMA foreign_key_check").all();
    return [
      ...found.map((row) => String(row["integrity_check"])).filter((text) => text !== "ok"),
      ...dangling.map((row) => JSON.stringify(row)),
    ];
  } catch (error) {
    return [String(error)];
  } finally {
    database.close();
  }
}

async function isCopied(from: string, to: string): Promise<boolean> {
  try {
    await copyFile(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
}
