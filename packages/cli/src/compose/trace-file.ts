import { closeSync, openSync, writeSync } from "node:fs";
import { createTraceLog } from "@koda/core";
import { CliError } from "../errors.ts";
import type { SessionObserver } from "./session-observer.ts";

/**
 * What happens in sessions as lines of JSON, behind what is in the file already; a new one is its owner's alone. Of every
 * text there are only the length and the start of its SHA-256.
 *
 * @throws {CliError} `usage` when it cannot be written.
 */
export function openTraceFile(path: string): SessionObserver & Disposable {
  const file = openForOwner(path);
  return {
    observe: ({ id: sessionId }) => ({
      listener: createTraceLog({
        sessionId,
        level: "basic",
        write: (line) => writeSync(file, line),
        now: () => Date.now(),
      }),
      close: () => undefined,
    }),
    [Symbol.dispose]: () => closeSync(file),
  };
}

function openForOwner(path: string): number {
  try {
    return openSync(path, "a", 0o600);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CliError("usage", `the trace cannot be written: ${reason}`, { cause });
  }
}
