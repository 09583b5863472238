import { expect, test } from "vitest";
import { createFilter, type FilterRules } from "../../src/filter/filter.ts";
import { parseHost } from "../../src/filter/target.ts";
import { checkAddresses } from "../../src/proxy/check-addresses.ts";
import { judgeFirstBytes } from "../../src/proxy/judge-first-bytes.ts";
import { clientHello } from "./client-hello.ts";
import { echo, eventually, Host, openHttpRig, openSocks5Rig, RawClient } from "./rig.ts";

const hello = (...serverNames: string[]): Buffer => clientHello({ serverNames });

test.each<
  [name: string, kind: "pass" | "refuse" | "more", bytes: Uint8Array, host: string, port: number, rules: FilterRules]
>([
  ["the name of the tunnel", "pass", hello("a.test"), "a.test", 443, { allow: ["a.test"] }],
  ["the same name in other letters", "pass", hello("A.TEST"), "a.test", 443, { allow: ["a.test"] }],
  ["another allowed name", "pass", hello("b.test"), "a.test", 443, { allow: ["a.test", "b.test"] }],
  ["a name that is not listed", "refuse", hello("b.test"), "a.test", 443, { allow: ["a.test"] }],
  [
    "a name that is denied",
    "refuse",
    hello("b.test"),
    "a.test",
    443,
    { allow: ["a.test", "*.test.x"], deny: ["b.test"] },
  ],
  ["a name not listed, behind a private rule", "refuse", hello("b.test"), "a.test", 443, { allowPrivate: ["a.test"] }],
  ["a name not listed, on another port", "refuse", hello("b.test"), "a.test", 8443, { allow: ["a.test:8443"] }],
  ["a name with a NUL", "refuse", hello("a.test\0.b.test"), "a.test", 443, { allow: ["a.test"] }],
  ["two names", "refuse", hello("a.test", "b.test"), "a.test", 443, { allow: ["a.test"] }],
  ["no name in a tunnel to a name", "refuse", hello(), "a.test", 443, { allow: ["a.test"] }],
  ["no name behind a private rule", "pass", hello(), "a.test", 443, { allowPrivate: ["a.test"] }],
  ["no name in a tunnel to an address", "pass", hello(), "192.0.2.1", 443, { allow: ["192.0.2.1"] }],
  ["no TLS on 443", "refuse", Buffer.from("GET / "), "a.test", 443, { allow: ["a.test"] }],
  ["no TLS on 443 behind a private rule", "pass", Buffer.from("GET / "), "a.test", 443, { allowPrivate: ["a.test"] }],
  ["no TLS on another port", "pass", Buffer.from("SSH-2.0"), "a.test", 22, { allow: ["a.test:22"] }],
  ["half a hello", "more", hello("a.test").subarray(0, 20), "a.test", 443, { allow: ["a.test"] }],
])("TLS in a tunnel: %s: %s", (_name, kind, bytes, host, port, rules) => {
  const filter = createFilter(rules);
  const target = parseHost(host, port);
  const verdict = filter.decide(target);
  const isPrivateAllowed = verdict.kind === "allow" && verdict.isPrivateAllowed;
  expect(judgeFirstBytes({ bytes, target, isPrivateAllowed, filter }).kind).toBe(kind);
});

test.each([
  ["in one packet", 16_384],
  ["in many records", 5],
])("domain fronting: a hello for another host, %s, never reaches the front [HP-03]", async (_name, recordBytes) => {
  await using host = await Host.open(echo);
  for (const openRig of [openHttpRig, openSocks5Rig]) {
    await using rig = await openRig({ rules: { allowPrivate: [`a.test:${host.port}`] } });
    using client = await RawClient.open(rig.proxy);
    if (rig.proxy.protocol === "http") {
      client.send(`CONNECT a.test:${host.port} HTTP/1.1\r\n\r\n`);
      await client.until("\r\n\r\n");
    } else {
      client.send(
        [
          Uint8Array.of(5, 1, 0, 5, 1, 0, 3, 6),
          Buffer.from("a.test"),
          Uint8Array.of(host.port >> 8, host.port & 255),
        ].reduce((all, next) => Buffer.concat([all, next])),
      );
      await client.bytes(12);
    }
    const seen = host.sockets.at(-1);
    client.send(clientHello({ serverNames: ["blocked.test"], recordBytes }));
    expect(Buffer.from(await client.rest(), "latin1")).toEqual(Buffer.from([21, 3, 3, 0, 2, 2, 49]));
    await eventually(() => rig.events.length === 3);
    const reason = "TLS in a tunnel to a.test asks for blocked.test, which no rule allows";
    expect(rig.events).toMatchObject([
      { kind: "open", host: "a.test" },
      { kind: "refused", host: "blocked.test", reason },
      { kind: "closed", host: "a.test", reason, bytesUp: 0 },
    ]);
    expect(seen?.bytesRead).toBe(0);
  }
});

test("a fragmented hello for the tunnel's own host arrives whole, with what follows it", async () => {
  await using host = await Host.open(echo);
  await using rig = await openHttpRig({ rules: { allowPrivate: [`a.test:${host.port}`] } });
  using client = await RawClient.open(rig.proxy);
  client.send(`CONNECT a.test:${host.port} HTTP/1.1\r\n\r\n`);
  await client.until("\r\n\r\n");
  const bytes = Buffer.concat([clientHello({ serverNames: ["a.test"], recordBytes: 7 }), Buffer.from("and more")]);
  await client.sendSlowly(bytes);
  expect(await client.bytes(bytes.length)).toEqual([...bytes]);
});

test("a hello that never ends is cut off in time [AV-03]", async () => {
  await using host = await Host.open(echo);
  const limits = { handshakeTimeoutMs: 100 };
  await using rig = await openHttpRig({ rules: { allowPrivate: [`a.test:${host.port}`] }, limits });
  using client = await RawClient.open(rig.proxy);
  client.send(`CONNECT a.test:${host.port} HTTP/1.1\r\n\r\n`);
  await client.until("\r\n\r\n");
  client.send(Uint8Array.of(22, 3, 1));
  expect(await client.rest()).toBe("");
});

test.each<[verdict: string, addresses: string[], rules: FilterRules, dialable: string[]]>([
  ["public", ["93.184.216.34", "2606:4700::1"], { allow: ["a.test"] }, ["93.184.216.34", "2606:4700::1"]],
  ["private", ["10.0.0.1", "fd00::1", "127.0.0.1"], { allow: ["a.test"] }, []],
  [
    "mixed: only the public one is ever dialled",
    ["127.0.0.1", "93.184.216.34"],
    { allow: ["a.test"] },
    ["93.184.216.34"],
  ],
  ["private by a private rule", ["10.0.0.1"], { allowPrivate: ["a.test"] }, ["10.0.0.1"]],
  [
    "metadata by a private rule that names the host",
    ["169.254.169.254"],
    { allowPrivate: ["a.test"] },
    ["169.254.169.254"],
  ],
  ["metadata by a private wildcard", ["169.254.169.254"], { allowPrivate: ["**.x.test", "a.test:1"] }, []],
  ["an address that a rule denies", ["93.184.216.34"], { allow: ["a.test"], deny: ["93.184.216.0/24"] }, []],
])("addresses of an allowed name: %s", (_name, addresses, rules, dialable) => {
  const filter = createFilter(rules);
  const target = parseHost(_name.includes("wildcard") ? "m.x.test" : "a.test", 443);
  const verdict = filter.decide(target);
  if (verdict.kind === "deny") throw new Error("the case needs an allowed target");
  const ownAddresses = () => new Set<string>();
  expect(checkAddresses(addresses, { target, verdict, filter }, ownAddresses).dialable).toEqual(dialable);
});

test("a name that leads to a private address is refused with its class and without a connection", async () => {
  await using host = await Host.open(echo);
  await using rig = await openHttpRig({ rules: { allow: [`a.test:${host.port}`] } });
  using client = await RawClient.open(rig.proxy);
  client.send(`CONNECT a.test:${host.port} HTTP/1.1\r\n\r\n`);
  const { status, body } = await client.response();
  expect(status).toBe(403);
  expect(body).toContain("a.test leads to a loopback address, which only a private rule may open");
  expect(body).toContain(`--allow-private a.test:${host.port}`);
  expect(body).not.toContain("127.0.0.1");
  expect(host.sockets).toEqual([]);
});

test("a name is resolved once, and the checked answer is dialled whatever a second one would say", async () => {
  await using host = await Host.open(echo);
  const answers = [["127.0.0.1"], ["203.0.113.1"]];
  await using rig = await openHttpRig({
    rules: { allowPrivate: [`a.test:${host.port}`] },
    resolveHost: async () => answers.shift() ?? [],
  });
  using client = await RawClient.open(rig.proxy);
  client.send(`CONNECT a.test:${host.port} HTTP/1.1\r\n\r\n`);
  expect((await client.response()).status).toBe(200);
  expect(rig.resolved).toEqual(["a.test"]);
  expect(answers).toHaveLength(1);
});

test("the next address is tried when one refuses, IPv6 among them", async () => {
  await using host = await Host.open(echo, { host: "::1" });
  await using rig = await openHttpRig({
    rules: { allowPrivate: [`a.test:${host.port}`, `[::1]:${host.port}`, `localhost:${host.port}`] },
    resolveHost: async () => ["127.0.0.1", "::1"],
  });
  for (const authority of ["a.test", "[::1]", "localhost", "[0:0::1]"]) {
    using client = await RawClient.open(rig.proxy);
    client.send(`CONNECT ${authority}:${host.port} HTTP/1.1\r\n\r\n`);
    expect((await client.response()).status).toBe(200);
  }
  expect(rig.events.filter(({ kind }) => kind === "open").map(({ address }) => address)).toEqual([
    "::1",
    "::1",
    "::1",
    "::1",
  ]);
  // RFC 6761: localhost is asked of nobody.
  expect(rig.resolved).toEqual(["a.test"]);
});

test("a proxy never dials its own listener [HP-28]", async () => {
  await using rig = await openHttpRig({ rules: { allowPrivate: ["localhost:*", "127.0.0.1:*"] } });
  for (const host of ["localhost", "127.0.0.1", "127.1"]) {
    using client = await RawClient.open(rig.proxy);
    client.send(`CONNECT ${host}:${rig.proxy.port} HTTP/1.1\r\n\r\n`);
    const { status, body } = await client.response();
    expect(status).toBe(403);
    expect(body).toContain("is this proxy itself");
  }
});

test("new rules close the tunnels they no longer permit, and only those", async () => {
  await using host = await Host.open(echo);
  const [a, b] = [`a.test:${host.port}`, `b.test:${host.port}`];
  await using rig = await openHttpRig({ rules: { allowPrivate: [a, b] } });
  using kept = await RawClient.open(rig.proxy);
  using cut = await RawClient.open(rig.proxy);
  kept.send(`CONNECT ${a} HTTP/1.1\r\n\r\n`);
  cut.send(`CONNECT ${b} HTTP/1.1\r\n\r\n`);
  await kept.until("\r\n\r\n");
  await cut.until("\r\n\r\n");
  rig.proxy.setRules(createFilter({ allowPrivate: [a] }));
  expect(await cut.rest()).toBe("");
  expect(rig.events.at(-1)).toMatchObject({ kind: "closed", host: "b.test", reason: "the rules no longer allow it" });
  kept.send("still");
  expect(await kept.until("still")).toBe("still");
});

test.each<[change: string, rules: (host: string) => FilterRules]>([
  ["its address is private and no private rule is left", (host) => ({ allow: [host] })],
  ["a rule denies its address", (host) => ({ allowPrivate: [host], deny: ["127.0.0.0/8"] })],
])("new rules close a tunnel when %s", async (_change, rules) => {
  await using host = await Host.open(echo);
  await using rig = await openHttpRig({ rules: { allowPrivate: [`a.test:${host.port}`] } });
  using client = await RawClient.open(rig.proxy);
  client.send(`CONNECT a.test:${host.port} HTTP/1.1\r\n\r\n`);
  await client.until("\r\n\r\n");
  rig.proxy.setRules(createFilter(rules(`a.test:${host.port}`)));
  await eventually(() => rig.proxy.stats().active === 0);
  expect(rig.events.at(-1)).toMatchObject({ kind: "closed", reason: "the rules no longer allow it" });
});

test("a listener that throws harms no other and no connection; late ones find the last events", async () => {
  await using rig = await openHttpRig({});
  const heard: string[] = [];
  rig.proxy.subscribe(() => {
    throw new Error("a listener's own fault");
  });
  const unsubscribe = rig.proxy.subscribe(({ host }) => heard.push(host));
  using client = await RawClient.open(rig.proxy);
  for (let round = 0; round < 300; round += 1) {
    client.send(`CONNECT h${round}.test:443 HTTP/1.1\r\n\r\n`);
    await client.response();
  }
  unsubscribe();
  client.send("CONNECT last.test:443 HTTP/1.1\r\n\r\n");
  await client.response();
  expect(heard).toHaveLength(300);
  expect(rig.proxy.recentEvents()).toHaveLength(256);
  expect(rig.proxy.recentEvents().at(-1)?.host).toBe("last.test");
  expect(rig.proxy.stats()).toMatchObject({ refused: 301, opened: 0, active: 0 });
});
