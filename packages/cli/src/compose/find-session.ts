import { CoreError, type SessionRecord, type Store } from "@koda/core";

/**
 * The session that a command is about: the one whose id begins with `prefix`, or for null the latest of the project.
 *
 * @throws {CoreError} `session_not_found`, `session_ambiguous`.
 */
export function findSession(
  store: Store,
  { prefix, projectRoot }: { readonly prefix: string | null; readonly projectRoot: string },
): SessionRecord {
  if (prefix !== null) return store.findSession(prefix);
  const latest = store.latestSession(projectRoot);
  if (latest === null) throw new CoreError("session_not_found", `there is no session yet in ${projectRoot}`);
  return latest;
}
