import fc from "fast-check";
import { expect, test } from "vitest";
import {
  decodeCredentialsStatus,
  decodeMethod,
  decodeReply,
  encodeConnect,
  encodeCredentials,
  encodeGreeting,
} from "./socks5-client-codec.ts";
import { decodeCredentials, decodeGreeting, decodeRequest, encodeReply } from "./socks5-codec.ts";

test("a greeting is what the server side reads", () => {
  expect(decodeGreeting(encodeGreeting([0, 2]))).toEqual({ kind: "message", message: { methods: [0, 2] }, size: 4 });
});

test("credentials of up to 255 bytes each are what the server side reads; longer ones cannot be said", () => {
  const credential = fc.string({ maxLength: 300, unit: "binary" });
  fc.assert(
    fc.property(credential, credential, (username, password) => {
      const encoded = encodeCredentials({ username, password });
      const isLong = [username, password].some((text) => Buffer.byteLength(text) > 255);
      expect(encoded === null).toBe(isLong);
      if (encoded === null) return;
      const size = encoded.length;
      expect(decodeCredentials(encoded)).toEqual({ kind: "message", message: { username, password }, size });
    }),
  );
});

test("a name, an IPv4 and an IPv6 address arrive as what they are", () => {
  const port = fc.integer({ min: 1, max: 65535 });
  fc.assert(
    fc.property(fc.oneof(fc.domain(), fc.ipV4()), port, (host, portNumber) => {
      const encoded = encodeConnect({ host, port: portNumber });
      expect(decodeRequest(encoded ?? new Uint8Array())).toMatchObject({
        message: { command: 1, host, port: portNumber },
      });
    }),
  );
  fc.assert(
    fc.property(fc.ipV6(), port, (host, portNumber) => {
      const encoded = encodeConnect({ host, port: portNumber });
      const decoded = decodeRequest(encoded ?? new Uint8Array());
      const spelled = decoded.kind === "message" ? decoded.message.host : null;
      expect(new URL(`http://[${spelled}]`).host).toBe(new URL(`http://[${host}]`).host);
    }),
  );
});

test.each([
  ["1.2.3.4", 1],
  ["1.2.3.256", 3],
  ["1.2.3.4.", 3],
  ["01.2.3.4", 3],
  ["::1", 4],
  ["a.test", 3],
])("%s travels with the address type %i", (host, type) => {
  expect(encodeConnect({ host, port: 22 })?.[3]).toBe(type);
});

test.each(["", "x".repeat(256), "a b", "a\r\nb", "ü.test", "[::1]", "fe80::1%eth0", "1::2::3", "1:2:3", "::12345"])(
  "%j is no host that a request can name",
  (host) => {
    expect(encodeConnect({ host, port: 22 })).toBeNull();
  },
);

test.each([
  ["an IPv4 address", encodeReply(2)],
  ["an IPv6 address", Uint8Array.of(5, 2, 0, 4, ...Array<number>(18).fill(7))],
  ["a name", Uint8Array.of(5, 2, 0, 3, 3, 97, 98, 99, 0, 80)],
])("a reply with %s is read whole, and only whole", (_, bytes) => {
  for (let length = 0; length < bytes.length; length++) {
    expect(decodeReply(bytes.subarray(0, length))).toEqual({ kind: "incomplete" });
  }
  expect(decodeReply(Uint8Array.of(...bytes, 1, 2))).toEqual({ kind: "message", message: 2, size: bytes.length });
});

test("answers of another protocol are malformed", () => {
  const http = Buffer.from("HTTP/1.1 400");
  expect(decodeMethod(http).kind).toBe("malformed");
  expect(decodeReply(http).kind).toBe("malformed");
  expect(decodeReply(Uint8Array.of(5, 0, 0, 9)).kind).toBe("malformed");
  expect(decodeCredentialsStatus(Uint8Array.of(1))).toEqual({ kind: "incomplete" });
});
