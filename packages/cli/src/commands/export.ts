import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { resolve } from "node:path";
import { exportSession, SecurityGuard } from "@koda/core";
import { findSession } from "../compose/find-session.ts";
import { openStore } from "../compose/open-store.ts";
import { loadSecurity } from "../compose/secrets.ts";
import { loadConfig } from "../config/load-config.ts";
import { CliError } from "../errors.ts";
import { type ExitCode, exitCode } from "../exit-code.ts";
import type { Io } from "../io.ts";

/**
 * `koda export`: a whole session as lines of JSON, for other programs and for `koda import`. What is known as a secret now
 * and was not when it was said is blanked on the way out.
 */
export async function exportToLines(
  { session, output }: { readonly session: string | null; readonly output: string | null },
  io: Io,
): Promise<ExitCode> {
  const config = loadConfig({ flags: {}, environment: io.environment, cwd: io.cwd });
  using store = openStore(config);
  const { id } = findSession(store, { prefix: session, projectRoot: config.projectRoot });
  const guard = new SecurityGuard({ config: await loadSecurity(config), now: () => Date.now() });
  const lines = exportSession(store, id, (value) => guard.redactValue(value));
  if (output === null) await writeStream(io.stdout, lines);
  else writeFile(resolve(io.cwd, output), lines);
  return exitCode.done;
}

/** For its owner alone: a conversation is private. What could not be written whole is taken away again. */
function writeFile(path: string, lines: Iterable<string>): void {
  const file = attempt(path, () => openSync(path, "wx", 0o600));
  try {
    attempt(path, () => {
      for (const line of lines) writeWhole(file, Buffer.from(`${line}\n`));
    });
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}

function writeWhole(file: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}

function attempt<Result>(path: string, act: () => Result): Result {
  try {
    return act();
  } catch (cause) {
    if (!(cause instanceof Error && "syscall" in cause)) throw cause;
    const reason = "code" in cause && cause.code === "EEXIST" ? "it is there already" : cause.message;
    throw new CliError("usage", `cannot write ${path}: ${reason}`, { cause });
  }
}

async function writeStream(stream: NodeJS.WriteStream, lines: Iterable<string>): Promise<void> {
  for (const line of lines) {
    if (stream.destroyed) return;
    if (stream.write(`${line}\n`)) continue;
    await new Promise<void>((resume) => stream.once("drain", resume).once("close", resume));
  }
}
