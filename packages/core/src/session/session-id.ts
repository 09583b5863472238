import { CoreError } from "../errors.ts";

/**
 * Checks an id before it touches a database or a path: 1 to 128 letters, digits, `_`, `-` and single dots inside.
 *
 * @throws {CoreError} `bad_session_id`
 */
export function checkSessionId(id: string): string {
  if (id.length <= 128 && /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/.test(id)) return id;
  throw new CoreError("bad_session_id", `not a session id: ${JSON.stringify(id.slice(0, 140))}`);
}
