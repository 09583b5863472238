/** One line of ripgrep's answer; the separator is `:` for a match and `-` for a line around one. */
export interface GrepLine {
  readonly path: string;
  readonly number: number;
  readonly separator: ":" | "-";
  readonly text: string;
}

/**
 * Parses `rg --null --line-number --no-heading --with-filename --no-context-separator`:
 * `path NUL number (":" | "-") text LF`, again and again. A path may hold anything but NUL; a cut last record is dropped.
 */
export function parseRipgrepLines(output: string): readonly GrepLine[] {
  const lines: GrepLine[] = [];
  let start = 0;
  for (;;) {
    const nul = output.indexOf("\0", start);
    const end = nul === -1 ? -1 : output.indexOf("\n", nul);
    if (end === -1) return lines;
    const rest = /^(\d+)([:-])(.*?)\r?$/s.exec(output.slice(nul + 1, end));
    if (rest !== null) {
      const [, number = "0", separator, text = ""] = rest;
      lines.push({
        path: output.slice(start, nul),
        number: Number(number),
        separator: separator === ":" ? ":" : "-",
        text,
      });
    }
    start = end + 1;
  }
}
