import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeCredentials, decodeGreeting, decodeRequest, encodeReply } from "./socks5-codec.ts";

const anyByte = fc.nat(255);
const anyBytes = (maxLength: number): fc.Arbitrary<number[]> => fc.array(anyByte, { maxLength });

test("a greeting is read whole, whatever follows it (RFC 1928 §3)", () => {
  fc.assert(
    fc.property(anyBytes(255), anyBytes(20), (methods, rest) => {
      const bytes = Uint8Array.from([5, methods.length, ...methods, ...rest]);
      expect(decodeGreeting(bytes)).toEqual({ kind: "message", message: { methods }, size: 2 + methods.length });
    }),
  );
});

test("credentials are read whole, empty ones too (RFC 1929 §2)", () => {
  const anyText = fc.string({ maxLength: 60, unit: "grapheme" }).filter((text) => Buffer.byteLength(text) <= 255);
  fc.assert(
    fc.property(anyText, anyText, (username, password) => {
      const [name, word] = [Buffer.from(username), Buffer.from(password)];
      const bytes = Uint8Array.from([1, name.length, ...name, word.length, ...word]);
      expect(decodeCredentials(bytes)).toEqual({
        kind: "message",
        message: { username, password },
        size: bytes.length,
      });
    }),
  );
});

test("a request names a host by name or address (RFC 1928 §5)", () => {
  fc.assert(
    fc.property(anyByte, fc.string({ maxLength: 255, unit: "binary-ascii" }), fc.nat(65_535), (command, host, port) => {
      const bytes = Uint8Array.from([5, command, 0, 3, host.length, ...Buffer.from(host), port >> 8, port & 255, 9]);
      const size = bytes.length - 1;
      expect(decodeRequest(bytes)).toEqual({ kind: "message", message: { command, host, port }, size });
    }),
  );
  expect(decodeRequest(Uint8Array.of(5, 1, 0, 1, 127, 0, 0, 1, 0, 80))).toMatchObject({
    message: { command: 1, host: "127.0.0.1", port: 80 },
  });
  const ipv6 = Uint8Array.from([5, 1, 0, 4, 0x20, 1, 0xd, 0xb8, ...new Array<number>(11).fill(0), 1, 1, 187]);
  expect(decodeRequest(ipv6)).toMatchObject({ message: { host: "2001:db8:0:0:0:0:0:1", port: 443 } });
});

test.each([0, 2, 5, 255])("the address type %i is told apart from a malformed request", (type) => {
  expect(decodeRequest(Uint8Array.of(5, 1, 0, type, 1, 2))).toMatchObject({ kind: "message", message: { host: null } });
});

test("another version and a reserved byte that is set are malformed", () => {
  expect(decodeGreeting(Uint8Array.of(4))).toMatchObject({ kind: "malformed" });
  expect(decodeGreeting(Buffer.from("GET / HTTP/1.1"))).toMatchObject({ kind: "malformed" });
  expect(decodeCredentials(Uint8Array.of(5))).toMatchObject({ kind: "malformed" });
  expect(decodeRequest(Uint8Array.of(4))).toMatchObject({ kind: "malformed" });
  expect(decodeRequest(Uint8Array.of(5, 1, 1))).toMatchObject({ kind: "malformed" });
});

test("any bytes give a value; what is incomplete stays so for every shorter prefix", () => {
  for (const decode of [decodeGreeting, decodeCredentials, decodeRequest]) {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const whole = decode(bytes);
        if (whole.kind === "message") expect(whole.size).toBeLessThanOrEqual(bytes.length);
        const prefix = decode(bytes.subarray(0, Math.floor(bytes.length / 2)));
        if (whole.kind === "incomplete") expect(prefix.kind).toBe("incomplete");
        if (prefix.kind === "message") expect(whole).toEqual(prefix);
      }),
    );
  }
});

test("a reply has the length of its address type (RFC 1928 §6)", () => {
  expect([...encodeReply(2)]).toEqual([5, 2, 0, 1, 0, 0, 0, 0, 0, 0]);
});
