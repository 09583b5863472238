import type { Place } from "./job.ts";

/** A way to run commands, ready to be used. */
export interface OpenedPeer extends AsyncDisposable {
  /** Resolves when the command and its pipes have ended. Rejects with what it said when it does not end with 0. */
  run(command: readonly [string, ...string[]]): Promise<void>;
}

/** What a module in `peers/` exports. Rejects with what to type when something is not installed. */
export type OpenPeer = (place: Place) => Promise<OpenedPeer>;
