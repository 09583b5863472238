import { openStore } from "../compose/open-store.ts";
import { loadConfig } from "../config/load-config.ts";
import { type ExitCode, exitCode } from "../exit-code.ts";
import type { Io } from "../io.ts";
import { createPaint } from "../render/paint.ts";
import { toProgressLine } from "../render/text.ts";
import { toJsonLine } from "../render/to-json-line.ts";

/** `koda egress`: every connection that a session's commands made or were refused. */
export function listEgress(options: { readonly session: string | null; readonly isJson: boolean }, io: Io): ExitCode {
  const config = loadConfig({ flags: {}, environment: io.environment, cwd: io.cwd });
  using store = openStore(config);
  const session =
    options.session === null ? store.latestSession(config.projectRoot) : store.findSession(options.session);
  const connections = session === null ? [] : store.listConnections(session.id);
  if (options.isJson) {
    io.stdout.write(toJsonLine(connections));
    return exitCode.done;
  }
  if (connections.length === 0)
    io.stderr.write(session === null ? "No session yet in this project\n" : "No connection was made\n");
  const paint = createPaint(io.stdout, io.environment);
  for (const connection of connections) {
    io.stdout.write(`${toProgressLine(connection, paint)}${paint.dim(`  call ${connection.callId ?? "unknown"}`)}\n`);
  }
  return exitCode.done;
}
