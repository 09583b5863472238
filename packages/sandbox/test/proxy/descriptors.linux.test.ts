import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { openTunnel, protocols, tunnelRequest } from "./ask-tunnel.ts";
import { openChildProxies } from "./child-proxies.ts";
import { echo, Host, RawClient } from "./rig.ts";

test.each(protocols)(
  "%s: without descriptors left every client is served, refused or closed, and the next wave is served again [AV-02]",
  async (protocol) => {
    await using host = await Host.open(echo);
    const rules = { allowPrivate: [`a.test:${host.port}`] };
    await using proxies = await openChildProxies({ rules, maxDescriptors: 64 });
    const start = await proxies.measure();
    for (let wave = 0; wave < 3; wave += 1) {
      using stack = new DisposableStack();
      const clients = await Promise.all(
        Array.from({ length: 120 }, async () => {
          const client = stack.use(await RawClient.open(proxies[protocol]));
          const heard = new Promise((resolve) =>
            client.socket.once("data", resolve).once("close", resolve).once("end", resolve),
          );
          client.send(tunnelRequest(protocol, "a.test", host.port));
          await heard;
          return client;
        }),
      );
      expect(clients).toHaveLength(120);
      for (const client of clients) client.socket.resetAndDestroy();
      expect(proxies.isAlive()).toBe(true);
    }
    for (let tries = 0; (await proxies.measure()).descriptors > start.descriptors && tries < 200; tries += 1)
      await sleep(20);
    expect((await proxies.measure()).descriptors).toBe(start.descriptors);
    using next = await openTunnel(proxies[protocol], "a.test", host.port);
    expect(await next.send("served").until("served")).toBe("served");
  },
);
