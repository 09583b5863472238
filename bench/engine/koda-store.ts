import { mkdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { createMemoryStore, openSqliteStore, type Store } from "@koda/core";
import type { Task } from "./job.ts";
import { type Length, turnsPerSession } from "./lengths.ts";
import { seedSession } from "./seed-session.ts";

export interface OpenedStore extends Disposable {
  readonly store: Store;
  readonly projectRoot: string;
}

/** The store of one worker: the prepared database, or one in memory that holds the same. */
export function openStore(task: Task, length: Length | null): OpenedStore {
  const projectRoot = toProject(task.directory);
  const store =
    task.peer === "koda" ? openSqliteStore(task.database ?? join(task.directory, "new.db")) : createMemoryStore();
  if (task.peer !== "koda" && length !== null) seedAll(store, { projectRoot, length });
  return { store, projectRoot, [Symbol.dispose]: () => store.close() };
}

/** Makes the database that workers get copies of. */
export function prepareDatabase(
  path: string,
  { directory, length }: { readonly directory: string; readonly length: Length },
): void {
  const store = openSqliteStore(path);
  seedAll(store, { projectRoot: toProject(directory), length });
  store.close();
}

/** As many sessions as one measurement of 200 turns needs. */
export function sessionIds(length: Length): string[] {
  const count = Math.ceil(200 / turnsPerSession(length));
  return Array.from({ length: count }, (_, index) => `01900000-0000-7000-8000-${String(index).padStart(12, "0")}`);
}

function seedAll(
  store: Store,
  { projectRoot, length }: { readonly projectRoot: string; readonly length: Length },
): void {
  for (const sessionId of sessionIds(length)) seedSession({ store, sessionId, projectRoot, length });
}

function toProject(directory: string): string {
  const project = join(directory, "project");
  mkdirSync(project, { recursive: true });
  return realpathSync(project); // as an agent names it
}
