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
    return { kind: "hello", serverName: readServerName(new Reader(collected.body)) };
  } catch (error) {
    if (error instanceof HelloFault) return { kind: "malformed", problem: error.message };
    throw error;
  }
}

/** Joins the record payloads until the first handshake message, which must be a ClientHello, is whole. */
function collectHandshake(bytes: Uint8Array): ClientHello | { readonly body: Uint8Array } {
  const handshake: number[] = [];
  let position = 0;
  for (;;) {
    const header = bytes.subarray(position, position + 5);
    if (header.length < 5) break;
    const length = uint16(header, 3);
    if (header[0] !== 22 || header[1] !== 3) return malformed("another record inside the hello");
    if (length === 0 || length > 16_384) return malformed("a record of impossible length");
    for (const byte of bytes.subarray(position + 5, position + 5 + length)) handshake.push(byte);
    if (handshake.length > 0 && handshake[0] !== 1) return malformed("the first message is no ClientHello");
    if (handshake.length >= 4) {
      const end = 4 + ((handshake[1] ?? 0) << 16) + ((handshake[2] ?? 0) << 8) + (handshake[3] ?? 0);
      if (end > maxClientHelloBytes) return malformed("too large");
      if (handshake.length >= end) return { body: Uint8Array.from(handshake.slice(4, end)) };
    }
    position += 5 + length;
    if (position >= bytes.length) break;
  }
  return bytes.length > 2 * maxClientHelloBytes ? malformed("too many records") : { kind: "incomplete" };
}

function readServerName(hello: Reader): string | null {
  hello.skip(2 + 32); // legacy_version, random
  hello.vector(1); // legacy_session_id
  hello.vector(2); // cipher_suites
  hello.vector(1); // legacy_compression_methods
  if (hello.isAtEnd()) return null;
  const extensions = new Reader(hello.vector(2));
  if (!hello.isAtEnd()) throw new HelloFault("bytes after the extensions");
  const names: string[] = [];
  while (!extensions.isAtEnd()) {
    const type = extensions.uint16();
    const data = extensions.vector(2);
    if (type === serverNameExtension) names.push(readNameList(new Reader(data)));
  }
  if (names.length > 1) throw new HelloFault("several server names");
  return names[0] ?? null;
}

/** Exactly one entry of type host_name; servers differ on what to make of more. */
function readNameList(data: Reader): string {
  const list = new Reader(data.vector(2));
  if (!data.isAtEnd()) throw new HelloFault("bytes after the server names");
  if (list.uint8() !== 0) throw new HelloFault("a server name of unknown type");
  const name = list.vector(2);
  if (!list.isAtEnd()) throw new HelloFault("several server names");
  return String.fromCharCode(...name.subarray(0, 256));
}

class Reader {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  isAtEnd(): boolean {
    return this.#position === this.#bytes.length;
  }

  uint8(): number {
    return this.#take(1)[0] ?? 0;
  }

  uint16(): number {
    return uint16(this.#take(2), 0);
  }

  /** Bytes behind a length of one or two bytes. */
  vector(lengthBytes: 1 | 2): Uint8Array {
    return this.#take(lengthBytes === 1 ? this.uint8() : this.uint16());
  }

  skip(count: number): void {
    this.#take(count);
  }

  #take(count: number): Uint8Array {
    const end = this.#position + count;
    if (end > this.#bytes.length) throw new HelloFault("a length that points past the end");
    const taken = this.#bytes.subarray(this.#position, end);
    this.#position = end;
    return taken;
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
