import type { FileHandle } from "node:fs/promises";

/** The most text of one answer, in UTF-16 code units. */
const maxTextLength = 50 * 1024;
/** Longer lines are cut: minified code is of no use to a model. */
const maxLineLength = 2_000;
const chunkBytes = 64 * 1024;

export type LinesRead =
  | { readonly kind: "text"; readonly lines: readonly string[]; readonly hasMore: boolean }
  | { readonly kind: "binary" };

/**
 * Reads up to `limit` lines from line `offset` on (from 1), in constant memory whatever the file's size, and stops when it has them.
 * Line ends (LF or CRLF) and a byte order mark are taken off; bytes that are not UTF-8 become U+FFFD;
 * lines are cut at 2,000 and the whole at 50 Ki characters. A NUL byte on the way means binary.
 */
export async function readLines(
  handle: FileHandle,
  wanted: { readonly offset: number; readonly limit: number },
  signal: AbortSignal,
): Promise<LinesRead> {
  const collector = new LineCollector(wanted);
  const decoder = new TextDecoder("utf-8");
  const buffer = Buffer.alloc(chunkBytes);
  for (;;) {
    signal.throwIfAborted();
    const { bytesRead } = await handle.read(buffer, 0, chunkBytes, null);
    const bytes = buffer.subarray(0, bytesRead);
    if (bytes.includes(0)) return { kind: "binary" };
    collector.add(decoder.decode(bytes, { stream: bytesRead > 0 }));
    if (collector.isFull) return { kind: "text", lines: collector.lines, hasMore: true };
    if (bytesRead === 0) return { kind: "text", lines: collector.finish(), hasMore: collector.isFull };
  }
}

/** Takes text in pieces, keeps the wanted lines. Full once a character beyond them has been seen. */
class LineCollector {
  readonly lines: string[] = [];
  readonly #offset: number;
  readonly #limit: number;
  #number = 1;
  #current = "";
  #currentLength = 0;
  #textLength = 0;
  isFull = false;

  constructor(wanted: { readonly offset: number; readonly limit: number }) {
    this.#offset = wanted.offset;
    this.#limit = wanted.limit;
  }

  add(text: string): void {
    let start = 0;
    while (start < text.length && !this.isFull) {
      const newline = text.indexOf("\n", start);
      const end = newline === -1 ? text.length : newline;
      this.#append(text.slice(start, end));
      if (newline === -1) return;
      this.#endLine();
      start = newline + 1;
    }
  }

  /** The last line needs no newline. */
  finish(): readonly string[] {
    if (this.#currentLength > 0) this.#endLine();
    return this.lines;
  }

  #append(piece: string): void {
    if (this.#hasEnough()) {
      this.isFull = true;
      return;
    }
    this.#currentLength += piece.length;
    if (this.#number >= this.#offset && this.#current.length <= maxLineLength) this.#current += piece;
  }

  #endLine(): void {
    if (this.isFull) return;
    if (this.#number >= this.#offset) this.#keep();
    this.#number++;
    this.#current = "";
    this.#currentLength = 0;
  }

  #keep(): void {
    const line = this.#current.endsWith("\r") ? this.#current.slice(0, -1) : this.#current;
    const cut = this.#currentLength - maxLineLength;
    const kept = cut > 1 ? `${line.slice(0, maxLineLength)} [${cut} more characters in this line]` : line;
    this.lines.push(kept);
    this.#textLength += kept.length + 1;
  }

  #hasEnough(): boolean {
    return this.lines.length >= this.#limit || this.#textLength >= maxTextLength;
  }
}
