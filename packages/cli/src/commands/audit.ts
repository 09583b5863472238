import { findSession } from "../compose/find-session.ts";
import { openStore } from "../compose/open-store.ts";
import { loadConfig } from "../config/load-config.ts";
import { type ExitCode, exitCode } from "../exit-code.ts";
import type { Io } from "../io.ts";
import { escapeLine } from "../render/escape-text.ts";
import { createPaint } from "../render/paint.ts";
import { toJsonLine } from "../render/to-json-line.ts";

/** `koda audit`: what the guard of a session blanked, stopped or noted, in the order it happened. */
export function listAudit(
  { session, isJson }: { readonly session: string | null; readonly isJson: boolean },
  io: Io,
): ExitCode {
  const config = loadConfig({ flags: {}, environment: io.environment, cwd: io.cwd });
  using store = openStore(config);
  const { id } = findSession(store, { prefix: session, projectRoot: config.projectRoot });
  const records = store.listAudit(id);
  if (isJson) {
    io.stdout.write(toJsonLine(records));
    return exitCode.done;
  }
  if (records.length === 0) io.stderr.write(`Nothing was found in session ${id}\n`);
  const paint = createPaint(io.stdout, io.environment);
  const tones = { info: paint.dim, warning: paint.yellow, critical: paint.red };
  for (const { createdAtMs, severity, kind, action, text } of records) {
    const when = new Date(createdAtMs).toISOString().slice(0, 19).replace("T", " ");
    io.stdout.write(`${paint.dim(when)}  ${tones[severity](action.padEnd(8))}  ${kind}: ${escapeLine(text)}\n`);
  }
  return exitCode.done;
}
