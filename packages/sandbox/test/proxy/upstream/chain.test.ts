import { networkInterfaces } from "node:os";
import { expect, test } from "vitest";
import { createFilter } from "../../../src/filter/filter.ts";
import { parseUpstream } from "../../../src/proxy/upstream/parse-upstream.ts";
import { echo, eventually, Host, openHttpRig, openSocks5Rig } from "../rig.ts";
import { askers, askHttp, askSocks5 } from "./ask.ts";
import { openHttpUpstream, openSocks5Upstream } from "./corporate-proxies.ts";

const auth = { username: "us er", password: "p@ss:w/ö" };
const userinfo = `${encodeURIComponent(auth.username)}:${encodeURIComponent(auth.password)}@`;
const upstreams = [
  { kind: "HTTP", scheme: "http", open: openHttpUpstream },
  { kind: "SOCKS5", scheme: "socks5", open: openSocks5Upstream },
] as const;
const cases = upstreams.flatMap((each) => askers.map(({ protocol }) => ({ ...each, protocol })));
const openRig = { http: openHttpRig, socks5: openSocks5Rig };
const asking = { http: askHttp, socks5: askSocks5 };

test.each(cases)(
  "a $protocol client reaches an allowed name through an $kind upstream, which resolves it",
  async (each) => {
    await using host = await Host.open(echo);
    for (const credentials of [auth, undefined]) {
      await using corporate = await each.open(credentials ? { auth: credentials } : {});
      const upstream = parseUpstream({
        httpsProxy: `${each.scheme}://${credentials ? userinfo : ""}127.0.0.1:${corporate.port}`,
      });
      await using rig = await openRig[each.protocol]({ upstream, rules: { allow: [`a.test:${host.port}`] } });
      using asked = await asking[each.protocol](rig.proxy, "A.test.", host.port);
      expect(asked.answer).toBe(each.protocol === "http" ? 200 : 0);
      asked.client.send("hello");
      expect(await asked.client.until("hello")).toBe("hello");
      asked.client.socket.end();
      await eventually(() => rig.events.length === 2);
      expect(rig.events).toMatchObject([
        { kind: "open", host: "a.test", address: null, rule: `a.test:${host.port}` },
        { kind: "closed", host: "a.test", address: null, bytesUp: 5, bytesDown: 5 },
      ]);
      expect(rig.resolved).toEqual([]);
      expect(corporate.asked).toEqual([`a.test:${host.port}`]);
    }
  },
);

test.each(cases)(
  "$protocol: an $kind upstream that refuses the credentials means no connection, and no direct one",
  async (each) => {
    await using host = await Host.open(echo);
    await using corporate = await each.open({ auth });
    for (const wrong of ["", "us%20er:wrong-s3cret@"]) {
      const upstream = parseUpstream({ httpsProxy: `${each.scheme}://${wrong}127.0.0.1:${corporate.port}` });
      await using rig = await openRig[each.protocol]({ upstream, rules: { allowPrivate: [`a.test:${host.port}`] } });
      using asked = await asking[each.protocol](rig.proxy, "a.test", host.port);
      expect(asked.answer).toBe(each.protocol === "http" ? 502 : 1);
      await eventually(() => rig.events.length === 1);
      expect(rig.events[0]).toMatchObject({
        kind: "failed",
        reason: expect.stringMatching(`^the upstream proxy refused a\\.test port ${host.port}: `),
      });
      expect(JSON.stringify(rig.events) + asked.text).not.toMatch(/s3cret|us er|us%20er/);
      if (each.protocol === "http") expect(asked.text).toContain("the upstream proxy refused");
    }
    expect(host.sockets).toHaveLength(0);
  },
);

test.each(cases)(
  "$protocol, $kind: a denied host is denied before anything is sent to the upstream [AD-13]",
  async (each) => {
    await using seen = await Host.open(echo);
    const upstream = parseUpstream({ allProxy: `${each.scheme}://127.0.0.1:${seen.port}` });
    const rules = { allow: ["a.test:9", "93.184.216.34:9", "10.0.0.1:9"], deny: ["93.184.216.0/24"] };
    await using rig = await openRig[each.protocol]({ upstream, rules });
    for (const name of ["b.test", "b.a.test", "93.184.216.34", "10.0.0.1"]) {
      using asked = await asking[each.protocol](rig.proxy, name, 9);
      expect([name, asked.answer]).toEqual([name, each.protocol === "http" ? 403 : 2]);
    }
    expect(seen.sockets).toHaveLength(0);
    expect(rig.resolved).toEqual([]);
  },
);

test.each(["a\r\nX: y", "a.test\r\n\r\nGET / HTTP/1.1", "a b", "a\0b", "a.test\n", "a%0d%0ab"])(
  "the SOCKS name %j is refused before anything is sent to the upstream [AD-13] [HP-16]",
  async (name) => {
    await using seen = await Host.open(echo);
    const upstream = parseUpstream({ allProxy: `http://127.0.0.1:${seen.port}` });
    await using rig = await openSocks5Rig({ upstream, rules: { allow: ["**.a.test:9", "a.test:9", "a:9"] } });
    using asked = await askSocks5(rig.proxy, name, 9);
    expect(asked.answer).toBe(1);
    expect(seen.sockets).toHaveLength(0);
  },
);

test("what the upstream reads is the normalised target and nothing else of the client's [AD-13] [HP-16]", async () => {
  const read: string[] = [];
  await using seen = await Host.open((socket) => {
    socket.on("data", (bytes: Buffer) => {
      read.push(bytes.toString("latin1"));
      socket.end("HTTP/1.1 403 No\r\n\r\n");
    });
  });
  const upstream = parseUpstream({ allProxy: `http://u:p@127.0.0.1:${seen.port}` });
  await using rig = await openHttpRig({ upstream, rules: { allow: ["bücher.test:9"] } });
  using _asked = await askHttp(rig.proxy, "XN--BCHER-KVA.TEST.", 9);
  expect(read).toEqual([
    "CONNECT xn--bcher-kva.test:9 HTTP/1.1\r\nHost: xn--bcher-kva.test:9\r\nProxy-Authorization: Basic dTpw\r\n\r\n",
  ]);
});

test("a target that NO_PROXY exempts is resolved, checked and dialled directly [AD-13]", async () => {
  await using host = await Host.open(echo);
  await using seen = await Host.open(echo);
  const upstream = parseUpstream({ allProxy: `http://127.0.0.1:${seen.port}`, noProxy: "a.test,*.c.test" });
  const [open, shut] = [`a.test:${host.port}`, `b.c.test:${host.port}`];
  await using rig = await openHttpRig({ upstream, rules: { allowPrivate: [open], allow: [shut] } });
  using direct = await askHttp(rig.proxy, "a.test", host.port);
  expect(direct.answer).toBe(200);
  using refused = await askHttp(rig.proxy, "b.c.test", host.port);
  expect([refused.answer, refused.text.includes("loopback")]).toEqual([403, true]);
  expect(rig.resolved).toEqual(["a.test", "b.c.test"]);
  expect(rig.events[0]).toMatchObject({ kind: "open", address: "127.0.0.1" });
  expect(seen.sockets).toHaveLength(0);
});

test("this machine is never asked of an upstream, by whatever name [AD-13]", async () => {
  await using host = await Host.open(echo, { host: "0.0.0.0" });
  await using seen = await Host.open(echo);
  const own = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .find(({ family, internal }) => family === "IPv4" && !internal);
  const names = ["localhost", "a.localhost", "127.0.0.1", "127.1", "0.0.0.0", ...(own ? [own.address] : [])];
  const rules = { allowPrivate: names.map((name) => `${name}:${host.port}`) };
  const upstream = parseUpstream({ allProxy: `http://127.0.0.1:${seen.port}` });
  await using rig = await openHttpRig({ upstream, rules });
  for (const name of names) {
    using asked = await askHttp(rig.proxy, name, host.port);
    expect([name, asked.answer]).toEqual([name, 200]);
  }
  expect(host.sockets).toHaveLength(names.length);
  expect(seen.sockets).toHaveLength(0);
});

test("an upstream that is the proxy itself is no way out", async () => {
  await using first = await openHttpRig({});
  const port = first.proxy.port;
  await first.proxy[Symbol.asyncDispose]();
  const upstream = parseUpstream({ allProxy: `http://localhost:${port}` });
  await using rig = await openHttpRig({ port, upstream, rules: { allow: ["a.test"] } });
  using asked = await askHttp(rig.proxy, "a.test", 443);
  expect([asked.answer, asked.text]).toEqual([502, "Koda: the upstream proxy that is set is this proxy itself.\n"]);
});

test("an upstream that cannot be reached or resolved is 502, and nothing is dialled directly", async () => {
  await using host = await Host.open(echo);
  const gone = await Host.open(echo);
  const { port } = gone;
  await gone[Symbol.asyncDispose]();
  for (const [proxy, text] of [
    [`http://127.0.0.1:${port}`, "Koda: the upstream proxy: connection refused.\n"],
    ["http://proxy.test:1", "Koda: no address is known for the upstream proxy.\n"],
  ] as const) {
    await using rig = await openHttpRig({
      upstream: parseUpstream({ allProxy: proxy }),
      rules: { allowPrivate: [`a.test:${host.port}`] },
      resolveHost: async () => [],
    });
    using asked = await askHttp(rig.proxy, "a.test", host.port);
    expect([asked.answer, asked.text]).toEqual([502, text]);
  }
  expect(host.sockets).toHaveLength(0);
});

test("new rules close a connection through an upstream when they no longer allow its host, and no other", async () => {
  await using host = await Host.open(echo);
  await using corporate = await openHttpUpstream();
  const upstream = parseUpstream({ allProxy: `http://127.0.0.1:${corporate.port}` });
  const [a, b] = [`a.test:${host.port}`, `b.test:${host.port}`];
  await using rig = await openHttpRig({ upstream, rules: { allow: [a, b] } });
  using first = await askHttp(rig.proxy, "a.test", host.port);
  using second = await askHttp(rig.proxy, "b.test", host.port);

  rig.proxy.setRules(createFilter({ allow: [b] }));
  expect(await first.client.rest()).toBe("");
  second.client.send("still");
  expect(await second.client.until("still")).toBe("still");
});
