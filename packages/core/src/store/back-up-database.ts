import { closeSync, fsyncSync, openSync, renameSync, rmSync } from "node:fs";
import Database from "better-sqlite3";
import { CoreError } from "../errors.ts";

/**
 * Copies a database as it is now to `target`, for its owner alone (0600), in place of what was there. The caller holds
 * the write lock, so nobody changes it meanwhile, nor makes the same copy.
 *
 * @throws {CoreError} `store_failed` when it cannot be made; no half copy is left, and an earlier one stays.
 */
export function backUpDatabase(path: string, target: string): void {
  const partial = `${target}.partial`;
  try {
    rmSync(partial, { force: true });
    // SQLite writes into an empty file that is there: so the mode is right from the first byte.
    const file = openSync(partial, "wx", 0o600);
    try {
      const source = new Database(path, { readonly: true });
      try {
        source.prepare("VACUUM INTO ?").run(partial);
      } finally {
        source.close();
      }
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(partial, target);
  } catch (error) {
    rmSync(partial, { force: true });
    const detail = error instanceof Error ? error.message : String(error);
    throw new CoreError("store_failed", `backup ${target}: ${detail}`, { cause: error });
  }
}
