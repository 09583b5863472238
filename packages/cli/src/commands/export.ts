import { closeSync, openSync, writeSync } from "node:fs";
import { resolve } from "node:path";
import { exportSession, type Store } from "@koda/core";
import { openStore } from "../compose/open-store.ts";
import { loadConfig } from "../config/load-config.ts";
import { CliError } from "../errors.ts";
import { type ExitCode, exitCode } from "../exit-code.ts";
import type { Io } from "../io.ts";

/** `koda export`: a whole session as lines of JSON, for other programs and for `koda import`. */
export async function exportToLines(
  { session, output }: { readonly session: string | null; readonly output: string | null },
  io: Io,
): Promise<ExitCode> {
  const config = loadConfig({ flags: {}, environment: io.environment, cwd: io.cwd });
  using store = openStore(config);
  const record = session === null ? store.latestSession(config.projectRoot) : store.findSession(session);
  if (record === null) throw new CliError("usage", `there is no session yet in ${config.projectRoot}`);
  if (output !== null) writeFile(resolve(io.cwd, output), store, record.id);
  else await writeStream(io.stdout, exportSession(store, record.id));
  return exitCode.done;
}

/** For its owner alone: a conversation is private. */
function writeFile(path: string, store: Store, id: string): void {
  let file: number;
  try {
    file = openSync(path, "wx", 0o600);
  } catch (cause) {
    throw new CliError("usage", `cannot write ${path}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
  try {
    for (const line of exportSession(store, id)) writeSync(file, `${line}\n`);
  } finally {
    closeSync(file);
  }
}

async function writeStream(stream: NodeJS.WriteStream, lines: Iterable<string>): Promise<void> {
  for (const line of lines) {
    if (!stream.write(`${line}\n`))
      await new Promise<void>((resume) => stream.once("drain", resume).once("close", resume));
    if (stream.destroyed) return;
  }
}
