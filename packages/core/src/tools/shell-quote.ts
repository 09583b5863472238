import { CoreError } from "../errors.ts";

/**
 * One word for bash that stands for `text` exactly, whatever is in it.
 *
 * @throws {CoreError} `bad_path` for a NUL, which no argument can hold.
 */
export function shellQuote(text: string): string {
  if (text.includes("\0")) throw new CoreError("bad_path", "a NUL cannot be given to a program");
  return `'${text.replaceAll("'", "'\\''")}'`;
}
