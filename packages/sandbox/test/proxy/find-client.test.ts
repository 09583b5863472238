import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { ClientRegistry } from "../../src/proxy/client-registry.ts";
import { openTunnel, protocols, readAnswer, tunnelRequest } from "./ask-tunnel.ts";
import { echo, eventually, Host, openHttpRig, openSocks5Rig, RawClient } from "./rig.ts";

const openRig = { http: openHttpRig, socks5: openSocks5Rig } as const;

describe.each(protocols)("a client of %s without credentials whose name is found", (protocol) => {
  test("is recorded under it and has the limit of one client, apart from those that are nobody's", async () => {
    await using host = await Host.open(echo);
    const names = ["builder", "builder", null, "builder"];
    await using rig = await openRig[protocol]({
      rules: { allowPrivate: [`a.test:${host.port}`] },
      authentication: "optional",
      limits: { maxConnectionsPerClient: 2 },
      findClient: async () => names.shift() ?? null,
    });
    for (let opened = 0; opened < 3; opened++) await openTunnel(rig.proxy, "a.test", host.port);
    using one = await RawClient.open(rig.proxy);
    one.send(tunnelRequest(protocol, "a.test", host.port));
    expect((await readAnswer(one, protocol)).code).toBe(protocol === "http" ? 503 : 1);
    expect(rig.events.map(({ kind, clientId }) => [kind, clientId])).toEqual([
      ["open", "builder"],
      ["open", "builder"],
      ["open", null],
      ["refused", "builder"],
    ]);
  });

  test("is not recorded before it is found, and what it sends ahead is kept", async () => {
    await using host = await Host.open(echo);
    let tell: (clientId: string) => void = () => undefined;
    await using rig = await openRig[protocol]({
      rules: { allowPrivate: [`a.test:${host.port}`] },
      authentication: "optional",
      findClient: () =>
        new Promise((resolve) => {
          tell = resolve;
        }),
    });
    using client = await RawClient.open(rig.proxy);
    client.send(tunnelRequest(protocol, "a.test", host.port)).send("sent ahead");
    await eventually(() => rig.events.length === 0 && tell.length === 1);
    tell("late");
    await client.until("sent ahead");
    expect(rig.events).toMatchObject([{ kind: "open", clientId: "late" }]);
  });

  test("and that has left meanwhile is connected to nothing", async () => {
    await using host = await Host.open(echo);
    let asked: Socket | undefined;
    let tell: (clientId: string) => void = () => undefined;
    await using rig = await openRig[protocol]({
      rules: { allowPrivate: [`a.test:${host.port}`] },
      authentication: "optional",
      findClient: (socket) => {
        asked = socket;
        return new Promise((resolve) => {
          tell = resolve;
        });
      },
    });
    using client = await RawClient.open(rig.proxy);
    client.send(tunnelRequest(protocol, "a.test", host.port));
    await eventually(() => asked !== undefined);
    client.socket.resetAndDestroy();
    await eventually(() => asked?.destroyed === true);
    tell("gone");
    asked = undefined;
    const next = openTunnel(rig.proxy, "a.test", host.port);
    await eventually(() => asked !== undefined);
    tell("next");
    (await next)[Symbol.dispose]();
    expect(host.sockets).toHaveLength(1);
    expect(rig.events.filter(({ kind }) => kind === "open")).toMatchObject([{ clientId: "next" }]);
  });
});

test("a client that shows credentials is not looked for", async () => {
  await using host = await Host.open(echo);
  const clients = new ClientRegistry();
  const { username, password } = clients.issue("shown");
  await using rig = await openHttpRig({
    rules: { allowPrivate: [`a.test:${host.port}`] },
    authentication: "optional",
    clients,
    findClient: () => Promise.reject(new Error("looked for")),
  });
  using client = await RawClient.open(rig.proxy);
  const basic = Buffer.from(`${username}:${password}`).toString("base64");
  client.send(`CONNECT a.test:${host.port} HTTP/1.1\r\nProxy-Authorization: Basic ${basic}\r\n\r\n`);
  expect((await client.response()).status).toBe(200);
  expect(rig.events).toMatchObject([{ kind: "open", clientId: "shown" }]);
});
