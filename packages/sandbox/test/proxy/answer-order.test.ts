import { expect, test } from "vitest";
import { eventually, Host, openHttpRig, RawClient } from "./rig.ts";

test.each([
  ["CONNECT", "", "HTTP/1.1 200 Connection Established"],
  ["GET", "Connection: Upgrade\r\nUpgrade: websocket\r\n", "HTTP/1.1 101 "],
])(
  "a %s sent behind another request is served after it, and answered after it [HP-01] [HP-19]",
  async (method, fields, answer) => {
    const waiting: (() => void)[] = [];
    await using host = await Host.open((socket) => {
      socket.once("data", (head) => {
        const text = head.toString().startsWith("GET /first")
          ? "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst"
          : `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`;
        waiting.push(() => socket.write(text));
      });
    });
    await using rig = await openHttpRig({ rules: { allowPrivate: [`a.test:${host.port}`] } });
    using client = await RawClient.open(rig.proxy);
    const target = method === "CONNECT" ? `a.test:${host.port}` : `http://a.test:${host.port}/second`;
    client.send(
      `GET http://a.test:${host.port}/first HTTP/1.1\r\n\r\n${method} ${target} HTTP/1.1\r\n${fields}\r\nahead`,
    );
    await eventually(() => waiting.length === 1);
    expect(rig.proxy.stats().opened).toBe(1);
    waiting.pop()?.();
    expect(await client.response()).toMatchObject({ status: 200, body: "first" });
    if (method !== "CONNECT") {
      await eventually(() => waiting.length === 1);
      waiting.pop()?.();
    }
    expect(await client.until("\r\n\r\n")).toContain(answer);
  },
);
