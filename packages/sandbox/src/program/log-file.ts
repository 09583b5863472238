import { createWriteStream } from "node:fs";
import { open } from "node:fs/promises";
import type { Writable } from "node:stream";
import type { ConnectionEvent } from "../proxy/proxy-handle.ts";

/** Where `koda-sandbox proxy` writes its connections, one JSON line each. Disposing waits until all are written. */
export interface ConnectionLogFile extends AsyncDisposable {
  /** Never throws. Where writing fails (a full disk, a reader that has left), that is told once, and the proxies go on. */
  write(event: ConnectionEvent): void;
}

/**
 * Opens the log: a file to append to, made for this user only, or `-` for standard output.
 *
 * @throws {Error} naming the file and the system's reason when it cannot be opened.
 */
export async function openLogFile(path: string, tell: (message: string) => void): Promise<ConnectionLogFile> {
  const name = path === "-" ? "standard output" : path;
  const stream = path === "-" ? process.stdout : await openFile(path);
  let isBroken = false;
  stream.on("error", (error) => {
    if (!isBroken) tell(`the log ends here, and the proxies go on: ${name}: ${error.message}`);
    isBroken = true;
  });
  return {
    write(event) {
      if (!isBroken) stream.write(`${JSON.stringify(event)}\n`);
    },
    async [Symbol.asyncDispose]() {
      if (isBroken || path === "-") return; // the process writes what is left for its standard output before it ends
      await new Promise<void>((resolve) => stream.end(() => resolve()));
    },
  };
}

async function openFile(path: string): Promise<Writable> {
  try {
    const file = await open(path, "a", 0o600);
    return createWriteStream(path, { fd: file });
  } catch (cause) {
    throw new Error(`cannot open the log ${path}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}
