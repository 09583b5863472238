import { expect, test } from "vitest";
import { createFilter } from "../../src/filter/filter.ts";
import { ClientRegistry } from "../../src/proxy/client-registry.ts";
import { HostQuestions } from "../../src/proxy/host-questions.ts";
import { protocols, readAnswer, tunnelRequest } from "./ask-tunnel.ts";
import { echo, eventually, Host, openHttpRig, openSocks5Rig, RawClient } from "./rig.ts";

const openRig = { http: openHttpRig, socks5: openSocks5Rig } as const;

/** An embedder's function that is wrong in some way for b.test, and right for every other name. */
const faults = {
  "throws at once": (): never => {
    throw new Error("the embedder's own fault");
  },
  "rejects with nothing": () => Promise.reject(undefined),
  "gives what was not asked for": () => Promise.resolve("127.0.0.1" as never),
  "gives another type": () => Promise.resolve([7, {}, undefined] as never),
} as const;

const cases = protocols.flatMap((protocol) =>
  Object.entries(faults).map(([name, fault]) => [protocol, name, fault] as const),
);

test.each(cases)("%s: a resolver that %s costs its own connection only [AV-01]", async (protocol, _name, fault) => {
  await using host = await Host.open(echo);
  const rules = { allowPrivate: [`a.test:${host.port}`, `b.test:${host.port}`] };
  const resolveHost = (name: string): Promise<readonly string[]> =>
    name === "b.test" ? fault() : Promise.resolve(["127.0.0.1"]);
  await using rig = await openRig[protocol]({ rules, resolveHost });
  using before = await RawClient.open(rig.proxy);
  before.send(tunnelRequest(protocol, "a.test", host.port));
  await readAnswer(before, protocol);
  using faulty = await RawClient.open(rig.proxy);
  faulty.send(tunnelRequest(protocol, "b.test", host.port));
  const { code } = await readAnswer(faulty, protocol);
  expect(protocol === "http" ? [502] : [1, 4]).toContain(code);
  await eventually(() => rig.proxy.stats().failed === 1);
  expect(await before.send("unharmed").until("unharmed")).toBe("unharmed");
  using after = await RawClient.open(rig.proxy);
  after.send(tunnelRequest(protocol, "a.test", host.port)).send("served");
  await readAnswer(after, protocol);
  expect(await after.until("served")).toBe("served");
  expect(rig.proxy.stats()).toMatchObject({ active: 2 });
});

test.each(cases)("%s: an asker that %s has denied, and can be asked again [AV-01]", async (protocol, _name, fault) => {
  await using host = await Host.open(echo);
  let asked = 0;
  const questions = new HostQuestions({
    ask: () => {
      asked += 1;
      return fault();
    },
  });
  await using rig = await openRig[protocol]({ questions, rules: { allowPrivate: [`a.test:${host.port}`] } });
  for (let round = 1; round <= 2; round += 1) {
    using faulty = await RawClient.open(rig.proxy);
    faulty.send(tunnelRequest(protocol, "b.test", host.port));
    expect((await readAnswer(faulty, protocol)).code).toBe(protocol === "http" ? 403 : 2);
    expect(asked).toBe(round);
    expect(rig.events.at(-1)?.reason).toMatch(
      /and (nobody answered whether to allow it|it was asked about and denied)$/,
    );
  }
  using after = await RawClient.open(rig.proxy);
  after.send(tunnelRequest(protocol, "a.test", host.port)).send("served");
  await readAnswer(after, protocol);
  expect(await after.until("served")).toBe("served");
  expect(host.sockets).toHaveLength(1);
});

test.each(protocols)("%s: a subscriber that throws at every event harms no connection [AV-01]", async (protocol) => {
  await using host = await Host.open(echo);
  await using rig = await openRig[protocol]({ rules: { allowPrivate: [`a.test:${host.port}`] } });
  rig.proxy.subscribe(() => {
    throw new Error("the subscriber's own fault");
  });
  using client = await RawClient.open(rig.proxy);
  client.send(tunnelRequest(protocol, "a.test", host.port)).send("served");
  await readAnswer(client, protocol);
  expect(await client.until("served")).toBe("served");
  using denied = await RawClient.open(rig.proxy);
  denied.send(tunnelRequest(protocol, "b.test", host.port));
  expect((await readAnswer(denied, protocol)).code).toBe(protocol === "http" ? 403 : 2);
  client.socket.end();
  await client.rest();
  await eventually(() => rig.events.length === 3);
  expect(rig.events.map(({ kind }) => kind)).toEqual(["open", "refused", "closed"]);
});

/** Where a connection's own code meets a fault: the rules and the credentials are asked in the middle of it. */
test.each(protocols)(
  "%s: a fault in the code that serves one connection ends that connection only [AV-01]",
  async (protocol) => {
    await using host = await Host.open(echo);
    const rules = createFilter({ allowPrivate: [`a.test:${host.port}`] });
    const filter = Object.assign(Object.create(rules), {
      decide(target: { host: string; port: number }) {
        if (target.host === "b.test") throw new TypeError("a fault of ours");
        return rules.decide(target);
      },
      denialOf: rules.denialOf.bind(rules),
    });
    await using rig = await openRig[protocol]({ filter });
    using before = await RawClient.open(rig.proxy);
    before.send(tunnelRequest(protocol, "a.test", host.port));
    await readAnswer(before, protocol);
    for (let round = 0; round < 3; round += 1) {
      using faulty = await RawClient.open(rig.proxy);
      faulty.send(tunnelRequest(protocol, "b.test", host.port));
      expect((await faulty.rest()).slice(2)).toBe("");
      if (protocol === "socks5") continue;
      using forwarding = await RawClient.open(rig.proxy);
      forwarding.send("GET http://b.test/ HTTP/1.1\r\n\r\n");
      expect(await forwarding.rest()).toBe("");
    }
    expect(await before.send("unharmed").until("unharmed")).toBe("unharmed");
    expect(host.sockets).toHaveLength(1);
  },
);

test.each(protocols)("%s: a fault while credentials are read lets nobody in [AV-01]", async (protocol) => {
  class FaultyRegistry extends ClientRegistry {
    override identify(): never {
      throw new TypeError("a fault of ours");
    }
  }
  await using rig = await openRig[protocol]({ clients: new FaultyRegistry(), authentication: "required" });
  using faulty = await RawClient.open(rig.proxy);
  const basic = "Proxy-Authorization: Basic dTpw\r\n";
  faulty.send(
    protocol === "http" ? `CONNECT a.test:443 HTTP/1.1\r\n${basic}\r\n` : Buffer.of(5, 1, 2, 1, 1, 65, 1, 66),
  );
  expect(await faulty.rest()).toBe(protocol === "http" ? "" : "\x05\x02");
  using next = await RawClient.open(rig.proxy);
  next.send(protocol === "http" ? "CONNECT a.test:443 HTTP/1.1\r\n\r\n" : Buffer.of(5, 1, 0));
  if (protocol === "http") expect((await next.response()).status).toBe(407);
  else expect(await next.bytes(2)).toEqual([5, 255]);
  expect(rig.resolved).toEqual([]);
});
