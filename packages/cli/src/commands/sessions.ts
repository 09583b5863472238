import { openStore } from "../compose/open-store.ts";
import { loadConfig } from "../config/load-config.ts";
import { type ExitCode, exitCode } from "../exit-code.ts";
import type { Io } from "../io.ts";
import { escapeLine } from "../render/escape-text.ts";
import { toJsonLine } from "../render/to-json-line.ts";

/** `koda sessions`: the sessions of this project, the latest first. */
export function listSessions(options: { readonly isJson: boolean }, io: Io): ExitCode {
  const config = loadConfig({ flags: {}, environment: io.environment, cwd: io.cwd });
  using store = openStore(config);
  const sessions = store.listSessions(config.projectRoot);
  if (options.isJson) {
    io.stdout.write(toJsonLine(sessions));
    return exitCode.done;
  }
  if (sessions.length === 0) io.stderr.write(`No session yet in ${config.projectRoot}\n`);
  for (const session of sessions) {
    const when = new Date(session.updatedAtMs).toISOString().slice(0, 16).replace("T", " ");
    io.stdout.write(`${session.id}  ${when}  ${session.mode.padEnd(4)}  ${escapeLine(session.title ?? "")}\n`);
  }
  return exitCode.done;
}
