import type { Store } from "@koda/core";
import type { Config } from "../config/load-config.ts";
import type { SessionFlags } from "../invocation.ts";
import { findSession } from "./find-session.ts";

/**
 * The session that `--resume` or `--continue` means; null for a new one.
 *
 * @throws {CoreError} `session_not_found`, `session_ambiguous`.
 */
export function resolveResume(
  flags: Pick<SessionFlags, "resume" | "continue">,
  config: Config,
  store: Store,
): string | null {
  const { projectRoot } = config;
  if (flags.resume !== undefined) return findSession(store, { prefix: flags.resume, projectRoot }).id;
  return flags.continue ? findSession(store, { prefix: null, projectRoot }).id : null;
}
