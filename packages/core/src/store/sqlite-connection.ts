import Database from "better-sqlite3";
import { CoreError } from "../errors.ts";

export type SqlValue = string | number | null | Uint8Array;

/** For what happens once in a session: another process may hold the lock for a while. */
const patientTimeoutMs = 5000;
/** For every other write: it blocks the process, and the caller can try again at a better time. */
const timeoutMs = 1000;

/** One database file: statements prepared once, and SQLite's errors turned into ours in one place. */
export class SqliteConnection {
  readonly path: string;
  readonly #database: Database.Database;
  readonly #transact: Database.Transaction<(act: () => unknown) => unknown>;
  readonly #statements = new Map<string, Database.Statement<SqlValue[]>>();

  /** @throws {CoreError} `store_failed` when the file cannot be opened, or is no database. */
  constructor(path: string) {
    this.path = path;
    this.#database = this.#guard(() => new Database(path, { timeout: patientTimeoutMs }));
    try {
      this.#guard(() => {
        // A killed process loses nothing at this level; a power cut may lose the last moments, never the file.
        this.#database.pragma("synchronous = NORMAL");
        this.#database.pragma("foreign_keys = ON");
        // What is deleted is overwritten in the file, too.
        this.#database.pragma("secure_delete = ON");
        // The file may come from elsewhere: what is defined in it runs nothing that could do harm.
        this.#database.pragma("trusted_schema = OFF");
        this.#database.pragma(`busy_timeout = ${timeoutMs}`);
      });
      this.#transact = this.#database.transaction((act: () => unknown) => act());
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  /** How many rows changed. */
  run(sql: string, ...values: readonly SqlValue[]): number {
    return this.#guard(() => this.#prepare(sql).run(...values).changes);
  }

  /** The row id of the row that was inserted. */
  insert(sql: string, ...values: readonly SqlValue[]): number {
    return this.#guard(() => Number(this.#prepare(sql).run(...values).lastInsertRowid));
  }

  get(sql: string, ...values: readonly SqlValue[]): unknown {
    return this.#guard(() => this.#prepare(sql).get(...values));
  }

  all(sql: string, ...values: readonly SqlValue[]): readonly unknown[] {
    return this.#guard(() => this.#prepare(sql).all(...values));
  }

  /** The first `count` rows that `pick` makes something of: what it answers null to is passed over. */
  pick<T>(sql: string, values: readonly SqlValue[], count: number, pick: (row: unknown) => T | null): T[] {
    return this.#guard(() => {
      const picked: T[] = [];
      if (count <= 0) return picked;
      for (const row of this.#prepare(sql).iterate(...values)) {
        const value = pick(row);
        if (value !== null && picked.push(value) === count) break;
      }
      return picked;
    });
  }

  /**
   * Takes the write lock first, so that what `act` reads stays true until it has written. Within another transaction it
   * is a part of that one, and undone alone when it throws. What `act` throws comes out as it is.
   */
  transaction<T>(act: () => T): T {
    return this.#guard(
      () =>
        this.#transact.immediate(() => {
          try {
            return act();
          } catch (error) {
            throw new ActFailure("act threw", { cause: error });
          }
        }) as T,
    );
  }

  /** As a transaction, but waits up to five seconds for the lock. */
  patientTransaction<T>(act: () => T): T {
    this.execute(`PRAGMA busy_timeout = ${patientTimeoutMs}`);
    try {
      return this.transaction(act);
    } finally {
      this.execute(`PRAGMA busy_timeout = ${timeoutMs}`);
    }
  }

  /** @throws {CoreError} `store_failed` where the file system cannot share the log's memory between processes. */
  useWriteAheadLog(): void {
    const mode = this.#guard(() => this.#database.pragma("journal_mode = WAL", { simple: true }));
    if (mode === "wal") return;
    throw new CoreError("store_failed", `database ${this.path} cannot have a write-ahead log here, but only: ${mode}`);
  }

  execute(sql: string): void {
    this.#guard(() => this.#database.exec(sql));
  }

  readPragma(name: string): number {
    const value = this.#guard(() => this.#prepare(`PRAGMA ${name}`).pluck().get());
    if (typeof value !== "number") throw new CoreError("store_failed", `no number in pragma ${name}`);
    return value;
  }

  close(): void {
    this.#database.close();
  }

  #prepare(sql: string): Database.Statement<SqlValue[]> {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare<SqlValue[]>(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #guard<T>(act: () => T): T {
    try {
      return act();
    } catch (error) {
      if (error instanceof CoreError) throw error;
      if (error instanceof ActFailure) throw error.cause;
      const detail = error instanceof Error ? error.message : String(error);
      const code = isRejection(error) ? "store_rejected" : "store_failed";
      throw new CoreError(code, `database ${this.path}: ${detail}`, { cause: error });
    }
  }
}

/** Carries what a caller's own code threw through SQLite's roll-back. */
class ActFailure extends Error {}

/** Whether it is the row that is at fault: the same one would be refused again, another one would not. */
function isRejection(error: unknown): boolean {
  // What is too long to bind, or to become a string at all, never reaches SQLite: there is no code then.
  if (error instanceof RangeError) return true;
  return error instanceof Database.SqliteError && /^SQLITE_(CONSTRAINT|MISMATCH|TOOBIG)/.test(error.code);
}
