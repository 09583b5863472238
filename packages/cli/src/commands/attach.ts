import { attachSession, createInProcessEffects, isLeaseOwnerAlive } from "@koda/core";
import { findSession } from "../compose/find-session.ts";
import { openStore } from "../compose/open-store.ts";
import { loadConfig } from "../config/load-config.ts";
import { type ExitCode, exitCode } from "../exit-code.ts";
import { stopOnInterrupt } from "../interrupt.ts";
import type { Io } from "../io.ts";
import { toAttachText } from "../render/attach-text.ts";
import { createPaint } from "../render/paint.ts";
import { toJsonLine } from "../render/to-json-line.ts";

/** `koda attach`: what a session does in another process, as it does it, until Ctrl-C. Nothing is written to it. */
export async function attach(
  options: { readonly session: string | null; readonly isJson: boolean },
  io: Io,
): Promise<ExitCode> {
  const config = loadConfig({ flags: {}, environment: io.environment, cwd: io.cwd });
  using store = openStore(config);
  const { id: sessionId } = findSession(store, { prefix: options.session, projectRoot: config.projectRoot });
  const effects = createInProcessEffects();
  const paint = createPaint(io.stdout, io.environment);
  using stop = stopOnInterrupt(io);
  const { signal } = stop;
  const isAlive = isLeaseOwnerAlive(() => effects.now());
  try {
    for await (const item of attachSession({ store, sessionId, signal, effects, isAlive })) {
      io.stdout.write(options.isJson ? toJsonLine(item) : toAttachText(item, paint));
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return exitCode.done;
}
