const HEAD_SHARE = 0.25; // the start says what ran; how it ended matters more

/** Keeps the beginning and the true end of an output, and counts what fell out between. Bytes are UTF-8. */
export class OutputRing {
  readonly #maxHeadBytes: number;
  readonly #maxTailBytes: number;
  #head: Buffer[] = [];
  #headBytes = 0;
  #tail: Buffer[] = [];
  #tailBytes = 0;
  #droppedBytes = 0;

  /** `maxBytes` bounds the bytes kept; the line that names the gap comes on top. */
  constructor(maxBytes: number) {
    this.#maxHeadBytes = Math.floor(maxBytes * HEAD_SHARE);
    this.#maxTailBytes = maxBytes - this.#maxHeadBytes;
  }

  get droppedBytes(): number {
    return this.#droppedBytes;
  }

  /** Forgets all. */
  clear(): void {
    this.#head = [];
    this.#headBytes = 0;
    this.#tail = [];
    this.#tailBytes = 0;
    this.#droppedBytes = 0;
  }

  append(text: string): void {
    const bytes = Buffer.from(text);
    const room = this.#tailBytes === 0 && this.#droppedBytes === 0 ? this.#maxHeadBytes - this.#headBytes : 0;
    const cut = room >= bytes.length ? bytes.length : characterStart(bytes, room);
    if (cut > 0) this.#head.push(bytes.subarray(0, cut));
    this.#headBytes += cut;
    if (cut < bytes.length) this.#appendTail(bytes.subarray(cut));
  }

  /** The whole output, or head, a line `[… N bytes dropped …]`, and tail. */
  text(): string {
    const head = Buffer.concat(this.#head).toString();
    const tail = Buffer.concat(this.#tail).toString();
    if (this.#droppedBytes === 0) return head + tail;
    return `${head}${head === "" || head.endsWith("\n") ? "" : "\n"}[… ${this.#droppedBytes} bytes dropped …]\n${tail}`;
  }

  #appendTail(bytes: Buffer): void {
    this.#tail.push(bytes);
    this.#tailBytes += bytes.length;
    while (this.#tailBytes > this.#maxTailBytes) {
      const first = this.#tail[0] as Buffer; // tailBytes > 0, so there is one
      const excess = this.#tailBytes - this.#maxTailBytes;
      const cut = excess >= first.length ? first.length : characterEnd(first, excess);
      if (cut === first.length) this.#tail.shift();
      else this.#tail[0] = first.subarray(cut);
      this.#tailBytes -= cut;
      this.#droppedBytes += cut;
    }
  }
}

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

function characterStart(bytes: Buffer, at: number): number {
  let start = Math.max(at, 0);
  while (start > 0 && isContinuation(bytes[start])) start--;
  return start;
}

function characterEnd(bytes: Buffer, at: number): number {
  let end = at;
  while (isContinuation(bytes[end])) end++;
  return end;
}
