import { CoreError } from "../errors.ts";
import type { SessionRecord } from "./session-record.ts";

/**
 * Picks the one session that `prefix` means among those that start with it. A whole id always means its own.
 *
 * @throws {CoreError} `session_not_found`, `session_ambiguous`.
 */
export function findByPrefix(prefix: string, matches: readonly SessionRecord[]): SessionRecord {
  const [first, second] = matches;
  if (prefix === "" || first === undefined) {
    throw new CoreError("session_not_found", `no session has an id that starts with ${JSON.stringify(prefix)}`);
  }
  if (second === undefined || first.id === prefix) return first;
  throw new CoreError(
    "session_ambiguous",
    `more than one session starts with ${JSON.stringify(prefix)}: ${matches.map((match) => match.id).join(", ")}`,
  );
}
