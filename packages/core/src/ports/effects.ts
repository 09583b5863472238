/**
 * Every act of a turn that is not deterministic goes through here, under a key made of session, turn, step and call.
 * The default runs in process; another implementation can replay a recorded turn, or run it durably elsewhere.
 */
export interface Effects {
  /** Whether what it has run outlives the process. Then the store has to as well. Absent: no. */
  readonly isDurable?: boolean | undefined;
  /** Runs `act` once for `key`, and gives what it gave. */
  run<T>(key: string, act: () => Promise<T>): Promise<T>;
  /** Rejects with `signal.reason` when aborted. */
  sleep(key: string, durationMs: number, options: { readonly signal: AbortSignal }): Promise<void>;
  /** Waits until someone resolves `key`; the first answer wins. Null when the deadline passes first. */
  wait<T>(
    key: string,
    options: { readonly signal: AbortSignal; readonly deadlineMs?: number | undefined },
  ): Promise<T | null>;
  /** False when nobody waits for `key`, or it was answered already. */
  resolve(key: string, value: unknown): boolean;
  /** Epoch milliseconds. */
  now(): number;
  /** A fresh UUIDv7. */
  id(): string;
}
