import { createServer, type IncomingMessage, type Server } from "node:http";
import { duplexPair } from "node:stream";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseAuthority } from "../filter/target.ts";
import { type ConnectRequest, readConnectHead } from "./connect-head.ts";

const maxBytes = 300;
/** Mostly the usual text, so that many heads are whole; now and then another. */
const mostly = (usual: string, ...others: string[]): fc.Arbitrary<string> =>
  fc.oneof({ weight: 40 * others.length, arbitrary: fc.constant(usual) }, ...others.map((each) => fc.constant(each)));

const eol = mostly("\r\n", "\n", "\r", "\r\r\n", "\r\n ", "\n\r\n");
const anyText = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) });
const printable = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)) });
const authority = fc.oneof(
  fc.constantFrom("a.test:443", "[::1]:443", "u@a.test:1", "http://a.test/", "*", "/", "a.test:443#x", "?", ":"),
  printable.map((text) => text.replaceAll(" ", "")),
  fc.constantFrom("", "a b:1", "a\xe4:1", "a\0:1", "a\x7f:1", "a\t:1"),
);
const usualName = fc.constantFrom("Host", "proxy-authorization", "User-Agent", "Proxy-Connection", "X-1~'*");
const tellingName = fc.constantFrom("Connection", "Content-Length", "TRANSFER-ENCODING", "Upgrade", "Expect", "TE");
const badName = fc.constantFrom("", " Host", "Ho st", "Host\0", "H\xf6st", "Host ", "Proxy-Authorization\t");
const fieldName = fc.oneof({ weight: 12, arbitrary: usualName }, tellingName, badName);
const fieldValue = fc.oneof(
  { weight: 12, arbitrary: printable },
  { weight: 8, arbitrary: fc.constantFrom("Basic dTpw", "  Basic dTpw \t", "", " ", "close", "5", "chunked", "h2c") },
  {
    weight: 1,
    arbitrary: fc.oneof(anyText, fc.constantFrom("a\r\n b", "a\rb", "a\nb", "a\0", "\x7f", "\xe4", "\x0b")),
  },
);
const field = fc
  .tuple(fieldName, mostly(":", " :", "", "::"), mostly(" ", "", "\t", "\v"), fieldValue, eol)
  .map((parts) => parts.join(""));
const message = fc
  .tuple(
    mostly("CONNECT", "connect", "Connect", "CO", "CONNECTS", "GET", "\r\nCONNECT"),
    mostly(" ", "  ", "\t", ""),
    authority,
    mostly(" ", "  ", "\t"),
    mostly("HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "http/1.1", "HTTP/1.1 ", "HTTP/1.10", "HTTP/01.1"),
    eol,
    fc.array(field, { maxLength: 4 }),
    fc.oneof(
      { weight: 3, arbitrary: fc.constant("") },
      fc.nat(maxBytes).map((n) => `X: ${"x".repeat(n)}\r\n`),
    ),
    eol,
    anyText,
  )
  .map((parts) => parts.flat().join(""));
/** One byte exchanged, put in or left out. */
const damaged = fc
  .tuple(message, fc.nat(), fc.nat(255), fc.constantFrom(0, 1), fc.nat(1))
  .map(([text, at, code, cut, put]) => {
    const place = at % (text.length + 1);
    return text.slice(0, place) + String.fromCharCode(code).repeat(put) + text.slice(place + cut);
  });

/** What Node's parser makes of the bytes when they come in one packet. */
async function askNode(server: Server, bytes: Buffer) {
  const [ours, theirs] = duplexPair();
  const outcome = Promise.withResolvers<{ request: ConnectRequest; rest: Buffer } | string>();
  const onConnect = ({ url = "", headers, httpVersion }: IncomingMessage, _stream: unknown, rest: Buffer): void => {
    const hasBody = headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0";
    const authorization = headers["proxy-authorization"];
    outcome.resolve({ request: { authority: url, authorization, isPersistent: httpVersion === "1.1", hasBody }, rest });
  };
  const onError = (): void => outcome.resolve("refused");
  const onRequest = (): void => outcome.resolve("another request");
  server.on("connect", onConnect).on("clientError", onError).on("request", onRequest);
  server.emit("connection", theirs);
  ours.end(bytes);
  const heard = await outcome.promise;
  server.off("connect", onConnect).off("clientError", onError).off("request", onRequest);
  return heard;
}

function isAuthority(text: string): boolean {
  try {
    return parseAuthority(text).port > 0;
  } catch {
    return false;
  }
}

test("a head that is read here is one that Node's parser reads the same, with the same bytes behind it [HP-13] [HP-15]", async () => {
  const server = createServer({ maxHeaderSize: maxBytes, requireHostHeader: false });
  server.maxHeadersCount = 0;
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(fc.oneof(message, damaged), async (text) => {
      const bytes = Buffer.from(text, "latin1");
      const head = readConnectHead(bytes, maxBytes);
      if (head === null) return;
      accepted += 1;
      const heard = await askNode(server, bytes);
      // What is no authority is a 400 either way, whoever says so.
      if (heard === "refused" && !isAuthority(head.request.authority)) return;
      expect(heard).toEqual({ request: head.request, rest: bytes.subarray(head.size) });
    }),
    { numRuns: 10_000 },
  );
  expect(accepted).toBeGreaterThan(500);
});

test("a head that is not whole, or shows credentials twice, is left to the parser, however it is cut", () => {
  const text = "CONNECT a.test:443 HTTP/1.1\r\nHost: a.test\r\nProxy-Authorization: Basic dTpw\r\n\r\n";
  for (let length = 0; length < text.length; length += 1) {
    expect(readConnectHead(Buffer.from(text.slice(0, length)), 8_192)).toBeNull();
    expect(readConnectHead(Buffer.from(text), length)).toBeNull();
  }
  const twice = text.replace("\r\n\r\n", "\r\nproxy-authorization: Basic eDp5\r\n\r\n");
  expect(readConnectHead(Buffer.from(twice), 8_192)).toBeNull();
  expect(readConnectHead(Buffer.from(`${text}more`), 8_192)).toEqual({
    request: { authority: "a.test:443", authorization: "Basic dTpw", isPersistent: true, hasBody: false },
    size: text.length,
  });
});

test.each([
  "Connection: close",
  "Content-Length: 0",
  "Transfer-Encoding: chunked",
  "Upgrade: x",
  "Expect: 100-continue",
])("a head with %s is left to the parser", (telling) => {
  const head = (name: string): Buffer => Buffer.from(`CONNECT a.test:443 HTTP/1.1\r\nA: b\r\n${name}\r\n\r\n`);
  expect(readConnectHead(head(telling), 8_192)).toBeNull();
  expect(readConnectHead(head(telling.toUpperCase()), 8_192)).toBeNull();
  expect(readConnectHead(head(`X-${telling}`), 8_192)).not.toBeNull();
});
