import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { createInProcessEffects, importSession } from "@koda/core";
import { openStore } from "../compose/open-store.ts";
import { loadConfig } from "../config/load-config.ts";
import { CliError } from "../errors.ts";
import { type ExitCode, exitCode } from "../exit-code.ts";
import type { Io } from "../io.ts";

/** `koda import`: takes in what `koda export` wrote, all of it or nothing. */
export function importFromLines({ file }: { readonly file: string }, io: Io): ExitCode {
  const config = loadConfig({ flags: {}, environment: io.environment, cwd: io.cwd });
  using store = openStore(config);
  const effects = createInProcessEffects();
  const lines = readText(file === "-" ? io.stdin.fd : resolve(io.cwd, file)).split("\n");
  const { projectRoot } = config;
  const record = importSession(store, lines, { token: effects.id(), nowMs: effects.now(), projectRoot });
  io.stdout.write(`${record.id}\n`);
  return exitCode.done;
}

function readText(file: string | number): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new CliError("usage", `cannot read ${file}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}
