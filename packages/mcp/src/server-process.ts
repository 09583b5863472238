import type { Readable, Writable } from "node:stream";

/** Starts one server. Where and how confined is the spawner's business; a program that cannot start `exited` at once. */
export type SpawnServer = (config: {
  /** The server's name in the configuration. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}) => ServerProcess;

/** A running server. */
export interface ServerProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Null when it goes elsewhere. Read for the reason of a failure. */
  readonly stderr: Readable | null;
  /** Settles once, when the process is gone or could not start; a rejection counts as an exit. */
  readonly exited: Promise<ServerExit>;
  /** Ends the whole process tree at once. Harmless when it is gone. */
  kill(): void;
}

export interface ServerExit {
  /** Null when a signal ended it, or it never ran. */
  readonly exitCode: number | null;
  readonly signal?: string | null | undefined;
  /** Why it could not start. */
  readonly message?: string | undefined;
}

/** An exit in words: `exited with code 1`. */
export function describeExit(exit: ServerExit): string {
  if (exit.message !== undefined) return exit.message;
  return exit.exitCode === null ? `was ended by ${exit.signal ?? "a signal"}` : `exited with code ${exit.exitCode}`;
}
