import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { eventually, Host, openHttpRig, RawClient } from "./rig.ts";

// Alone in its file: the HTTP client is loaded for the first forwarded request of a process, and takes its time.
test("clients that leave while the HTTP client is loaded for the first request leave nothing behind [AV-08]", async () => {
  await using host = await Host.open((socket) => {
    socket.on("data", () => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
  });
  await using rig = await openHttpRig({ rules: { allowPrivate: [`a.test:${host.port}`] } });
  // All of them wait for the same loading; one leaves in every part of it.
  await Promise.all(
    Array.from({ length: 40 }, async (_, index) => {
      using client = await RawClient.open(rig.proxy);
      client.send(`GET http://a.test:${host.port}/ HTTP/1.1\r\n\r\n`);
      await sleep(index);
      client.socket.resetAndDestroy();
    }),
  );
  await eventually(() => rig.proxy.stats().active === 0);
  await eventually(() => host.sockets.every(({ readableEnded, closed }) => readableEnded || closed));
  expect(rig.proxy.stats().opened).toBeGreaterThan(0);
});
