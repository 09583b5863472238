import type { SessionWriter } from "../../src/store/session-record.ts";
import type { WaitRecord, WaitStore } from "../../src/store/wait-store.ts";

/** Waits in memory, by the contract of the store. */
export class MemoryWaits implements WaitStore {
  readonly #waits = new Map<string, WaitRecord>();

  openWait(writer: SessionWriter, wait: Parameters<WaitStore["openWait"]>[1]): void {
    const state = this.#waits.get(wait.key)?.state;
    if (state === "open" || state === "answered") return;
    this.#waits.set(wait.key, {
      ...wait,
      sessionId: writer.sessionId,
      answerJson: null,
      answeredBy: null,
      state: "open",
    });
  }

  readWait(key: string): WaitRecord | null {
    return this.#waits.get(key) ?? null;
  }

  answerWait(key: string, { json, by, nowMs }: Parameters<WaitStore["answerWait"]>[1]): boolean {
    const wait = this.#waits.get(key);
    if (wait?.state !== "open" || isOver(wait, nowMs)) return false;
    this.#waits.set(key, { ...wait, answerJson: json, answeredBy: by, state: "answered" });
    return true;
  }

  closeWait(_writer: SessionWriter, key: string): void {
    const wait = this.#waits.get(key);
    if (wait?.state === "open") this.#waits.set(key, { ...wait, state: "closed" });
  }

  listWaits(sessionId: string, { state, nowMs }: Parameters<WaitStore["listWaits"]>[1]): readonly WaitRecord[] {
    const own = [...this.#waits.values()].filter((wait) => wait.sessionId === sessionId);
    return state === "all" ? own : own.filter((wait) => wait.state === "open" && !isOver(wait, nowMs));
  }
}

const isOver = ({ deadlineMs }: WaitRecord, nowMs: number): boolean => deadlineMs !== null && nowMs >= deadlineMs;
