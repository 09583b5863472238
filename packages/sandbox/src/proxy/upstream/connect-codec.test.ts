import fc from "fast-check";
import { expect, test } from "vitest";
import { SandboxError } from "../../errors.ts";
import { parseHost } from "../../filter/target.ts";
import { decodeConnectAnswer, encodeConnectHead, toBasic } from "./connect-codec.ts";

test("the head names the target once as authority and once as Host, and has credentials only when given", () => {
  expect(encodeConnectHead({ host: "a.test", port: 443 }, null)).toBe(
    "CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n",
  );
  expect(encodeConnectHead({ host: "2001:db8::1", port: 22 }, toBasic({ username: "u", password: "pä" }))).toBe(
    "CONNECT [2001:db8::1]:22 HTTP/1.1\r\nHost: [2001:db8::1]:22\r\nProxy-Authorization: Basic dTpww6Q=\r\n\r\n",
  );
});

test.each(["a\r\nX: y", "a.test\r\n", "a b", "a.test/", "user@a.test", "A.test", "a\0", "", "[::1]", "ä.test"])(
  "the host %j never gets into a head [AD-13] [HP-16]",
  (host) => {
    expect(() => encodeConnectHead({ host, port: 443 }, null)).toThrow(SandboxError);
  },
);

test("whatever host a client names, the head has its two lines and nothing else [AD-13] [HP-16]", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.domain(), fc.ipV4(), fc.ipV6()), (name) => {
      try {
        const head = encodeConnectHead(parseHost(name, 443), null);
        expect(head).toMatch(/^CONNECT [a-z0-9.:[\]-]+:443 HTTP\/1\.1\r\nHost: [a-z0-9.:[\]-]+:443\r\n\r\n$/);
      } catch (error) {
        if (!(error instanceof SandboxError)) throw error;
      }
    }),
  );
});

const bytes = (text: string): Buffer => Buffer.from(text, "latin1");

test.each([
  ["HTTP/1.1 200 Connection established\r\n\r\n", 200, 0],
  ["HTTP/1.0 200\r\n\r\n", 200, 0],
  ["HTTP/1.1 200 \r\nContent-Length: 5\r\n\r\nhello", 200, 5],
  ["HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n<html>", 407, 0],
  ["HTTP/1.1 403 Forbidden\r\nA: b\r\ncontent-LENGTH:13 \r\nC: d\r\n\r\nno", 403, 13],
  ["HTTP/1.1 403 Forbidden\r\nContent-Length: -1\r\n\r\n", 403, 0],
  ["HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", 100, 0],
])("%j is an answer, and its bytes behind the head are not taken", (text, status, bodyBytes) => {
  const size = text.indexOf("\r\n\r\n") + 4;
  expect(decodeConnectAnswer(bytes(text))).toEqual({ kind: "message", message: { status, bodyBytes }, size });
  for (let length = 0; length < size; length += 1) {
    expect(decodeConnectAnswer(bytes(text.slice(0, length))).kind).toBe("incomplete");
  }
});

test.each([
  ["another protocol", "SSH-2.0-x\r\n"],
  ["TLS", "\x16\x03\x01"],
  ["another version", "HTTP/2.0 200 OK\r\n\r\n"],
  ["no status", "HTTP/1.1 OK\r\n\r\n"],
  ["a status of four digits", "HTTP/1.1 2000\r\n\r\n"],
  ["a status out of range", "HTTP/1.1 600 x\r\n\r\n"],
  ["two spaces", "HTTP/1.1  200 OK\r\n\r\n"],
  ["a bare LF", "HTTP/1.1 200 OK\nX: y\r\n\r\n"],
  ["a bare CR", "HTTP/1.1 200 OK\r\nX: y\rZ: z\r\n\r\n"],
  ["a bare LF, before its end", "HTTP/1.1 200 OK\n"],
  ["a NUL", "HTTP/1.1 200 OK\r\nX: \0\r\n\r\n"],
  ["a folded line", "HTTP/1.1 200 OK\r\nX: y\r\n z\r\n\r\n"],
  ["a line that is no field", "HTTP/1.1 200 OK\r\nnonsense\r\n\r\n"],
  ["a head over 8 KiB", `HTTP/1.1 200 OK\r\nX: ${"y".repeat(8_192)}`],
  ["a whole head over 8 KiB", `HTTP/1.1 200 OK\r\nX: ${"y".repeat(8_192)}\r\n\r\n`],
])("%s is malformed", (_name, text) => {
  expect(decodeConnectAnswer(bytes(text)).kind).toBe("malformed");
});
