/** What the first bytes of a client are, as far as they have come. */
export type ClientHello =
  | { readonly kind: "incomplete" }
  | { readonly kind: "not-tls" }
  /** Begins like TLS and is no ClientHello that a server should accept. */
  | { readonly kind: "malformed"; readonly problem: string }
  /** `serverName` is as sent; null when the hello has none. */
  | { readonly kind: "hello"; readonly serverName: string | null };

/** A hello larger than this is malformed. Real ones, with post-quantum key shares, stay below 4 KiB. */
export const maxClientHelloBytes = 16_384;

/**
 * Reads the server name of a TLS ClientHello (RFC 8446 §4.1.2, RFC 6066 §3), also one that comes in several records.
 * Takes everything received so far; reads no byte after the hello. Pure; throws nothing.
 */
export function readClientHello(bytes: Uint8Array): ClientHello {
  if (bytes.length === 0) return { kind: "incomplete" };
  // Record: type 22 (handshake), version 3.x, length (RFC 8446 §5.1). Anything else is another protocol.
  if (bytes[0] !== 22 || (bytes.length > 1 && bytes[1] !== 3)) return { kind: "not-tls" };
  const collected = collectHandshake(bytes);
  if ("kind" in collected) return collected;
  try {
    return { kind: "hello", serverName: readServerName(collected.body) };
  } catch (error) {
    if (error instanceof HelloFault) return { kind: "malformed", problem: error.message };
    throw error;
  }
}

/** The body of the first handshake message, which must be a ClientHello; joined where it spans records. */
function collectHandshake(bytes: Uint8Array): ClientHello | { readonly body: Reader } {
  let handshake: Uint8Array = new Uint8Array(0);
  let size = 0;
  let position = 0;
  while (position + 5 <= bytes.length) {
    const length = uint16(bytes, position + 3);
    if (bytes[position] !== 22 || bytes[position + 1] !== 3) return malformed("another record inside the hello");
    if (length === 0 || length > 16_384) return malformed("a record of impossible length");
    const payload = bytes.subarray(position + 5, position + 5 + length);
    if (size === 0) {
      handshake = payload; // nearly always all of it
    } else {
      if (handshake.length < bytes.length) handshake = grow(handshake, bytes.length);
      handshake.set(payload, size);
    }
    size += payload.length;
    if (size > 0 && handshake[0] !== 1) return malformed("the first message is no ClientHello");
    if (size >= 4) {
      const end = 4 + (((handshake[1] ?? 0) << 16) | uint16(handshake, 2));
      if (end > maxClientHelloBytes) return malformed("too large");
      if (size >= end) return { body: new Reader(handshake, 4, end) };
    }
    position += 5 + length;
  }
  return bytes.length > 2 * maxClientHelloBytes ? malformed("too many records") : { kind: "incomplete" };
}

function grow(bytes: Uint8Array, length: number): Uint8Array {
  const grown = new Uint8Array(length);
  grown.set(bytes);
  return grown;
}

function readServerName(hello: Reader): string | null {
  hello.skip(2 + 32); // legacy_version, random
  hello.vector(1); // legacy_session_id
  hello.vector(2); // cipher_suites
  hello.vector(1); // legacy_compression_methods
  if (hello.isAtEnd()) return null;
  const extensions = hello.vector(2);
  if (!hello.isAtEnd()) throw new HelloFault("bytes after the extensions");
  const names: string[] = [];
  while (!extensions.isAtEnd()) {
    const type = extensions.uint16();
    const data = extensions.vector(2);
    if (type === serverNameExtension) names.push(readNameList(data));
  }
  if (names.length > 1) throw new HelloFault("several server names");
  return names[0] ?? null;
}

/** Exactly one entry of type host_name; servers differ on what to make of more. */
function readNameList(data: Reader): string {
  const list = data.vector(2);
  if (!data.isAtEnd()) throw new HelloFault("bytes after the server names");
  if (list.uint8() !== 0) throw new HelloFault("a server name of unknown type");
  const name = list.vector(2);
  if (!list.isAtEnd()) throw new HelloFault("several server names");
  return name.text(256);
}

/** Reads forward from `start` to `end` of some bytes, and never beyond. */
class Reader {
  readonly #bytes: Uint8Array;
  #position: number;
  readonly #end: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#position = start;
    this.#end = end;
  }

  isAtEnd(): boolean {
    return this.#position === this.#end;
  }

  uint8(): number {
    return this.#bytes[this.#advance(1)] ?? 0;
  }

  uint16(): number {
    return uint16(this.#bytes, this.#advance(2));
  }

  /** Bytes behind a length of one or two bytes. */
  vector(lengthBytes: 1 | 2): Reader {
    const length = lengthBytes === 1 ? this.uint8() : this.uint16();
    const start = this.#advance(length);
    return new Reader(this.#bytes, start, start + length);
  }

  skip(count: number): void {
    this.#advance(count);
  }

  /** What is left, one character per byte, at most `maxLength`. */
  text(maxLength: number): string {
    const end = Math.min(this.#end, this.#position + maxLength);
    return String.fromCharCode(...this.#bytes.subarray(this.#position, end));
  }

  /** Gives the position before. */
  #advance(count: number): number {
    const before = this.#position;
    if (before + count > this.#end) throw new HelloFault("a length that points past the end");
    this.#position = before + count;
    return before;
  }
}

class HelloFault extends Error {}

const serverNameExtension = 0;

function uint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

function malformed(problem: string): ClientHello {
  return { kind: "malformed", problem };
}
