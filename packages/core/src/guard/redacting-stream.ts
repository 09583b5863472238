import { namesOf, replaceMatches } from "./redact.ts";
import { windowStep } from "./rule-matches.ts";
import type { SecretScanner } from "./secret-scanner.ts";
import { lookBehind } from "./word-boundary.ts";

/** Redacts a text that arrives in pieces. What it gives, joined, is the whole text redacted, however it was cut. */
export interface RedactingStream {
  /** Takes a piece, and gives what is safe to show now: all but an end that could still begin a secret. */
  push(chunk: string): string;
  /** The rest, once nothing follows. The stream is then as new. */
  flush(): string;
}

/**
 * `scanner` is asked for each time, since secrets can become known while a text arrives. What is held back is shorter
 * than the longest secret or shape of one, and a line or 4,096 characters of it where there are rules of the user's own.
 */
export function createRedactingStream(options: {
  readonly scanner: () => SecretScanner;
  /** The names of what was found, as often as something was. */
  readonly onFound?: ((names: readonly string[]) => void) | undefined;
}): RedactingStream {
  /** The text from before what is still held, as far back as it matters, and what is held. */
  let buffer = "";
  /** What of the buffer has been passed on. */
  let done = 0;
  /** Where in its line the buffer begins: a multiple of the step between windows. */
  let column = 0;

  function pass(isFinal: boolean): string {
    const scanner = options.scanner();
    const { matches, limit } = scanner.scan(buffer, { from: done, isFinal });
    const shown = replaceMatches(buffer, matches, { from: done, to: limit });
    done = limit;
    if (matches.length > 0) options.onFound?.(namesOf(matches));
    forget(scanner.rules.length > 0);
    return shown;
  }

  /** Keeps what decides whether a word can begin in what is held, and with rules the windows that what is held lies in. */
  function forget(hasRules: boolean): void {
    const lineBreak = done === 0 ? -1 : buffer.lastIndexOf("\n", done - 1);
    const lineStart = lineBreak === -1 ? -column : lineBreak + 1;
    const window = Math.max(0, Math.floor((done - lineStart) / windowStep) - 1) * windowStep;
    const keepFrom = hasRules ? lineStart + window : Math.max(0, done - lookBehind);
    if (keepFrom <= 0) return;
    column = hasRules ? window : 0;
    buffer = buffer.slice(keepFrom);
    done -= keepFrom;
  }

  return {
    push(chunk) {
      if (chunk === "") return "";
      buffer += chunk;
      return pass(false);
    },
    flush() {
      const rest = pass(true);
      buffer = "";
      done = 0;
      column = 0;
      return rest;
    },
  };
}
