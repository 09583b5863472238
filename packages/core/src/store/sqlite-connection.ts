import Database from "better-sqlite3";
import { CoreError } from "../errors.ts";

type Value = string | number | null;

/** One database file: statements prepared once, and SQLite's errors turned into ours in one place. */
export class SqliteConnection {
  readonly #database: Database.Database;
  readonly #path: string;
  readonly #statements = new Map<string, Database.Statement<Value[]>>();

  /** @throws {CoreError} `store_failed` when the file cannot be opened, or is no database. */
  constructor(path: string) {
    this.#path = path;
    this.#database = this.#guard(() => new Database(path, { timeout: 5000 }));
    try {
      this.#guard(() => {
        this.#database.pragma("journal_mode = WAL");
        // A killed process loses nothing at this level; a power cut may lose the last moments, never the file.
        this.#database.pragma("synchronous = NORMAL");
        this.#database.pragma("foreign_keys = ON");
      });
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  /** How many rows changed. */
  run(sql: string, ...values: readonly Value[]): number {
    return this.#guard(() => this.#prepare(sql).run(...values).changes);
  }

  get(sql: string, ...values: readonly Value[]): unknown {
    return this.#guard(() => this.#prepare(sql).get(...values));
  }

  all(sql: string, ...values: readonly Value[]): readonly unknown[] {
    return this.#guard(() => this.#prepare(sql).all(...values));
  }

  /** Takes the write lock first, so that what `act` reads stays true until it has written. */
  transaction<T>(act: () => T): T {
    return this.#guard(() => this.#database.transaction(act).immediate());
  }

  execute(sql: string): void {
    this.#guard(() => this.#database.exec(sql));
  }

  readPragma(name: string): number {
    const value = this.#guard(() => this.#database.pragma(name, { simple: true }));
    if (typeof value !== "number") throw new CoreError("store_failed", `no number in pragma ${name}`);
    return value;
  }

  close(): void {
    this.#database.close();
  }

  #prepare(sql: string): Database.Statement<Value[]> {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare<Value[]>(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #guard<T>(act: () => T): T {
    try {
      return act();
    } catch (error) {
      if (error instanceof CoreError) throw error;
      const detail = error instanceof Error ? error.message : String(error);
      const code = isRejection(error) ? "store_rejected" : "store_failed";
      throw new CoreError(code, `database ${this.#path}: ${detail}`, { cause: error });
    }
  }
}

/** Whether it is the row that is at fault: the same one would be refused again, another one would not. */
function isRejection(error: unknown): boolean {
  // What is too long to bind, or to become a string at all, never reaches SQLite: there is no code then.
  if (error instanceof RangeError) return true;
  return error instanceof Database.SqliteError && /^SQLITE_(CONSTRAINT|MISMATCH|TOOBIG)/.test(error.code);
}
