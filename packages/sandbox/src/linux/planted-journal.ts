import { randomUUID } from "node:crypto";
import { closeSync, ftruncateSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { identifyProcess } from "./process-tree.ts";
import type { WatchList } from "./undo-planted.ts";

/** Where journals lie below Koda's own data, which no command sees. */
export const JOURNAL_DIRECTORY = "running";

const RUNNING = "1";
const IDLE = "0";

/**
 * Keeps on disk which protected paths are watched while commands run: should this process be killed before it can undo what a command planted, the
 * next sandbox with the same data does (`recoverPlanted`). A command that changes nothing about the list costs two writes of one byte.
 *
 * The file: one byte that says whether commands run, then JSON `{ pid, startTime, watched, absentGitDirectories }`.
 */
export class PlantedJournal implements Disposable {
  readonly #path: string;
  readonly #running = new Set<WatchList>();
  #descriptor: number | null = null;
  #written = "";

  /** `directory` is Koda's own; it need not exist. */
  constructor(directory: string) {
    this.#path = join(directory, JOURNAL_DIRECTORY, `${process.pid}-${randomUUID()}.json`);
  }

  /** Before a command starts. What cannot be written (a full disk) is not: the command does not depend on it. */
  begin(list: WatchList): void {
    this.#running.add(list);
    const content = this.#describe();
    this.#try(() => {
      this.#descriptor ??= this.#open();
      if (content !== this.#written) {
        this.#written = "";
        ftruncateSync(this.#descriptor, 0);
        writeSync(this.#descriptor, `${RUNNING}${content}`, 0);
        this.#written = content;
      } else if (this.#running.size === 1) writeSync(this.#descriptor, RUNNING, 0);
    });
  }

  /** When what it planted is undone. */
  end(list: WatchList): void {
    this.#running.delete(list);
    this.#try(() => {
      if (this.#running.size === 0 && this.#descriptor !== null) writeSync(this.#descriptor, IDLE, 0);
    });
  }

  [Symbol.dispose](): void {
    if (this.#descriptor === null) return;
    closeSync(this.#descriptor);
    this.#descriptor = null;
    rmSync(this.#path, { force: true });
  }

  /** Of all commands that run now: one that started later may take for old what an earlier one planted. */
  #describe(): string {
    const lists = [...this.#running];
    const watched = new Map(lists.flatMap((list) => list.watched).map((each) => [each.path, each]));
    return JSON.stringify({
      pid: process.pid,
      startTime: identifyProcess(process.pid)?.startTime,
      watched: [...watched.values()],
      absentGitDirectories: [...new Set(lists.flatMap((list) => list.absentGitDirectories))],
    });
  }

  #try(write: () => void): void {
    try {
      write();
    } catch {
      // Then only the undoing after a kill is lost.
    }
  }

  #open(): number {
    mkdirSync(join(this.#path, ".."), { recursive: true, mode: 0o700 });
    return openSync(this.#path, "wx", 0o600);
  }
}
