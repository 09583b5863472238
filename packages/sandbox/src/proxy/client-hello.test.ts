import { once } from "node:events";
import { createServer } from "node:net";
import { connect } from "node:tls";
import fc from "fast-check";
import { expect, test } from "vitest";
import { clientHello } from "../../test/proxy/client-hello.ts";
import { readClientHello } from "./client-hello.ts";

test("the server name of a real client's hello is read, and every prefix is incomplete", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  const client = connect({ host: "127.0.0.1", port, servername: "a.wild.test" });
  client.on("error", () => undefined);
  const [socket] = await once(server, "connection");
  const [bytes]: Buffer[] = await once(socket, "data");
  client.destroy();
  socket.destroy();
  server.close();
  await once(server, "close");
  const hello = bytes ?? Buffer.alloc(0);
  expect(readClientHello(hello)).toEqual({ kind: "hello", serverName: "a.wild.test" });
  for (let length = 0; length < hello.length; length += 1) {
    expect(readClientHello(hello.subarray(0, length))).toEqual({ kind: "incomplete" });
  }
});

test("a hello may come in records of any size", () => {
  fc.assert(
    fc.property(fc.domain(), fc.integer({ min: 1, max: 300 }), (serverName, recordBytes) => {
      const bytes = clientHello({ serverNames: [serverName], recordBytes });
      expect(readClientHello(bytes)).toEqual({ kind: "hello", serverName });
      expect(readClientHello(bytes.subarray(0, -1))).toEqual({ kind: "incomplete" });
    }),
  );
});

test("a hello without a server name says so", () => {
  expect(readClientHello(clientHello({ serverNames: [] }))).toEqual({ kind: "hello", serverName: null });
});

test("two server names are malformed: servers differ on which one counts", () => {
  expect(readClientHello(clientHello({ serverNames: ["a.test", "b.test"] }))).toMatchObject({ kind: "malformed" });
});

test.each([
  ["HTTP", Buffer.from("GET / HTTP/1.1\r\n")],
  ["SSH", Buffer.from("SSH-2.0-OpenSSH")],
  ["an SSL 2 hello", Buffer.from([0x80, 0x2e, 1, 0, 2])],
  ["a TLS alert", Buffer.from([21, 3, 3, 0, 2, 2, 40])],
])("%s is not TLS", (_name, bytes) => {
  expect(readClientHello(bytes)).toEqual({ kind: "not-tls" });
});

test.each([
  ["another first message", Buffer.from([22, 3, 1, 0, 4, 2, 0, 0, 0])],
  ["an empty record", Buffer.from([22, 3, 1, 0, 0])],
  ["a hello of 1 MiB", Buffer.from([22, 3, 1, 0, 4, 1, 0x10, 0, 0])],
  ["an alert inside", Buffer.from([22, 3, 1, 0, 1, 1, 21, 3, 3, 0, 2])],
])("%s is malformed", (_name, bytes) => {
  expect(readClientHello(bytes)).toMatchObject({ kind: "malformed" });
});

test("any bytes, and any damage to a hello, give a value", () => {
  const hello = clientHello({ serverNames: ["allowed.test"] });
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(hello.length - 1), fc.nat(255)), { maxLength: 4 }), (damage) => {
      const bytes = Buffer.from(hello);
      for (const [at, value] of damage) bytes[at] = value;
      expect(["hello", "incomplete", "malformed", "not-tls"]).toContain(readClientHello(bytes).kind);
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (rest) => {
      const { kind } = readClientHello(Uint8Array.from([22, 3, ...rest]));
      expect(["hello", "incomplete", "malformed", "not-tls"]).toContain(kind);
    }),
  );
});

test("a client that never finishes its hello is malformed after a bounded number of bytes", () => {
  const record = Buffer.from([22, 3, 1, 0, 1, 0]);
  const first = Buffer.from([22, 3, 1, 0, 4, 1, 0, 0x3f, 0xf0]);
  const bytes = Buffer.concat([first, ...new Array<Buffer>(6_000).fill(record)]);
  expect(readClientHello(bytes)).toMatchObject({ kind: "malformed" });
});
