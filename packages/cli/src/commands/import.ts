import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { createInProcessEffects, importSession } from "@koda/core";
import { openStore } from "../compose/open-store.ts";
import { loadConfig } from "../config/load-config.ts";
import { CliError } from "../errors.ts";
import { type ExitCode, exitCode } from "../exit-code.ts";
import type { Io } from "../io.ts";
import { toJsonLine } from "../render/to-json-line.ts";

/** `koda import`: takes in what `koda export` wrote, all of it or nothing. */
export async function importFromLines(
  { file, isJson }: { readonly file: string; readonly isJson: boolean },
  io: Io,
): Promise<ExitCode> {
  const config = loadConfig({ flags: {}, environment: io.environment, cwd: io.cwd });
  const bytes = file === "-" ? await readStream(io.stdin) : readFile(resolve(io.cwd, file));
  using store = openStore(config);
  const effects = createInProcessEffects();
  const { projectRoot } = config;
  const options = { id: () => effects.id(), nowMs: effects.now(), projectRoot };
  const record = importSession(store, linesOf(bytes), options);
  io.stdout.write(isJson ? toJsonLine(record) : `${record.id}\n`);
  return exitCode.done;
}

/** One at a time: the whole can be longer than a string may be. */
function* linesOf(bytes: Buffer): Generator<string, void> {
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(lineFeed, start);
    const end = found === -1 ? bytes.length : found;
    yield bytes.toString("utf8", start, end);
    start = end + 1;
  }
}

const lineFeed = 10;

function readFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CliError("usage", `cannot read ${path}: ${reason}`, { cause });
  }
}

async function readStream(stream: NodeJS.ReadStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}
