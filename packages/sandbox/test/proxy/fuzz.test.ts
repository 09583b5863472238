import { once } from "node:events";
import fc from "fast-check";
import { expect, test } from "vitest";
import { echo, eventually, Host, openHttpRig, openSocks5Rig, RawClient } from "./rig.ts";

const anyHttp = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc
    .array(
      fc.oneof(
        fc.constantFrom(
          "CONNECT ",
          "GET ",
          "POST ",
          "http://",
          "b.test",
          ":443",
          "127.0.0.1",
          "[::1]",
          " HTTP/1.1",
          "\r\n",
          "\n",
          "\0",
        ),
        fc.constantFrom(
          "Host: ",
          "Content-Length: 5",
          "Transfer-Encoding: chunked",
          "Connection: Upgrade",
          "Upgrade: x",
          "0\r\n\r\n",
        ),
        fc.string({ maxLength: 6 }),
      ),
      { maxLength: 14 },
    )
    .map((parts) => Buffer.from(parts.join(""), "latin1")),
);

const anySocks = fc
  .tuple(
    fc.constantFrom([5, 1, 0], [5, 2, 0, 2], [4, 1], [5]),
    fc.constantFrom([5, 1, 0, 1], [5, 1, 0, 3], [5, 1, 0, 4], []),
    fc.uint8Array({ maxLength: 60 }),
  )
  .map(([greeting, request, rest]) => Uint8Array.from([...greeting, ...request, ...rest]));

test("whatever a client sends, no byte reaches a host that is not allowed, nothing leaks, and the next client is served", async () => {
  await using host = await Host.open(echo);
  const rules = { allowPrivate: [`a.test:${host.port}`] };
  await using http = await openHttpRig({ rules });
  await using socks5 = await openSocks5Rig({ rules });
  const attack = async (proxy: typeof http.proxy | typeof socks5.proxy, bytes: Uint8Array): Promise<void> => {
    using client = await RawClient.open(proxy);
    client.socket.end(bytes);
    await new Promise((resolve) => setTimeout(resolve, 2));
    client.socket.destroy();
    if (!client.socket.closed) await once(client.socket, "close");
  };
  await fc.assert(
    fc.asyncProperty(anyHttp, (bytes) => attack(http.proxy, bytes)),
    { numRuns: 150 },
  );
  await fc.assert(
    fc.asyncProperty(anySocks, (bytes) => attack(socks5.proxy, bytes)),
    { numRuns: 150 },
  );

  expect(host.sockets).toEqual([]);
  expect([...http.resolved, ...socks5.resolved]).toEqual([]);
  using client = await RawClient.open(http.proxy);
  client.send(`CONNECT a.test:${host.port} HTTP/1.1\r\n\r\nalive`);
  expect(await client.until("alive")).toContain(" 200 ");
  client.socket.end();
  await eventually(() => http.proxy.stats().active === 0 && socks5.proxy.stats().active === 0);
});
