import { CoreError, type Store } from "@koda/core";
import type { Config } from "../config/load-config.ts";
import type { SessionFlags } from "../invocation.ts";

/**
 * The session that `--resume` or `--continue` means; null for a new one.
 *
 * @throws {CoreError} `session_not_found`, `session_ambiguous`, `bad_session_id`.
 */
export function resolveResume(
  flags: Pick<SessionFlags, "resume" | "continue">,
  config: Config,
  store: Store,
): string | null {
  if (flags.resume !== undefined) return store.findSession(flags.resume).id;
  if (!flags.continue) return null;
  const latest = store.latestSession(config.projectRoot);
  if (latest === null) throw new CoreError("session_not_found", `there is no earlier session in ${config.projectRoot}`);
  return latest.id;
}
