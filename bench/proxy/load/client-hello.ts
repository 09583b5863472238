import { GREETING } from "../origin.ts";

/** The name that every ClientHello here asks for; Koda's rules must allow it. */
export const SERVER_NAME = "bench.test";

/** A minimal TLS ClientHello, as the first bytes of a tunnel (RFC 8446 §4.1.2, RFC 6066 §3). */
export const HELLO: Buffer = toClientHello(SERVER_NAME);

function toClientHello(serverName: string): Buffer {
  const list = sized([0, ...sized([...Buffer.from(serverName, "latin1")])]);
  const extensions = sized([0, 0, ...sized(list)]);
  const random = new Array<number>(32).fill(7);
  const body = [3, 3, ...random, 0, 0, 2, 0x13, 1, 1, 0, ...extensions];
  return Buffer.from([22, 3, 1, ...sized([1, 0, ...sized(body)])]);
}

/** What is wrong with the first bytes that answer the ClientHello; null when they are the origin's. */
export function toFailure(answer: Uint8Array): string | null {
  if (answer[0] === GREETING) return null;
  return answer[0] === 21 ? "the ClientHello was answered with a TLS alert" : "the answer is not the origin's";
}

/** The bytes behind their length in two bytes. */
function sized(bytes: readonly number[]): number[] {
  return [bytes.length >> 8, bytes.length & 255, ...bytes];
}
