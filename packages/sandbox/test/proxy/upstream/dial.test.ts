import { Socket } from "node:net";
import { setDefaultCACertificates } from "node:tls";
import { expect, test } from "vitest";
import { createFilter } from "../../../src/filter/filter.ts";
import { parseAuthority } from "../../../src/filter/target.ts";
import { type DialOptions, type DialRequest, dial } from "../../../src/proxy/dial.ts";
import { RelayBuffers } from "../../../src/proxy/relay-buffers.ts";
import { parseUpstream } from "../../../src/proxy/upstream/parse-upstream.ts";
import { echo, eventually, Host, openHttpRig } from "../rig.ts";
import { askHttp } from "./ask.ts";
import { openHttpUpstream } from "./corporate-proxies.ts";
import { createCertificate } from "./test-certificate.ts";

/** Dials `authority` through the upstream `proxy`. */
function dialThrough(authority: string, proxy: string, more: Partial<DialRequest & DialOptions> = {}) {
  const request: DialRequest = {
    target: parseAuthority(authority),
    verdict: { kind: "allow", rule: authority, isPrivateAllowed: false },
    filter: createFilter({ allow: [authority] }),
    purpose: "tunnel",
    client: new Socket(),
    ...more,
  };
  const options: DialOptions = {
    resolveHost: async () => ["127.0.0.1"],
    limits: { dialTimeoutMs: 10_000 },
    isOwnListener: () => false,
    upstream: parseUpstream({ allProxy: proxy }),
    ownAddresses: () => new Set(),
    buffers: new RelayBuffers(),
    ...more,
  };
  return dial(request, options);
}

test("plain requests are not tunnelled through an HTTP upstream: they go to it in absolute form", async () => {
  await using seen = await Host.open(echo);
  for (const [userinfo, authorization] of [
    ["", null],
    ["user:p%40ss@", "Basic dXNlcjpwQHNz"],
  ] as const) {
    const outcome = await dialThrough("a.test:80", `${userinfo}127.0.0.1:${seen.port}`, { purpose: "forward" });
    if (outcome.kind !== "connected") throw new Error(outcome.reason);
    expect(outcome).toMatchObject({
      address: null,
      absoluteForm: { authorization },
      overhead: { bytesUp: 0, bytesDown: 0 },
    });
    outcome.socket.write("x");
    await eventually(() => seen.sockets.at(-1)?.bytesRead === 1);
    outcome.socket.destroy();
  }
});

test("the address of a target that is one is known through an upstream too", async () => {
  await using seen = await Host.open((socket) => socket.once("data", () => socket.write("HTTP/1.1 200 OK\r\n\r\nhi")));
  const outcome = await dialThrough("93.184.216.34:9", `http://127.0.0.1:${seen.port}`);
  if (outcome.kind !== "connected") throw new Error(outcome.reason);
  expect(outcome).toMatchObject({ address: "93.184.216.34", absoluteForm: null, overhead: { bytesDown: 19 } });
  outcome.socket.destroy();
});

test.each(["http", "socks5", "https"])(
  "a client that leaves while the upstream is asked (%s) leaves no connection",
  async (scheme) => {
    await using seen = await Host.open((socket) => {
      socket.resume();
    });
    const left = new Socket();
    const dialled = dialThrough("a.test:9", `${scheme}://127.0.0.1:${seen.port}`, { client: left });
    await eventually(() => (seen.sockets[0]?.bytesRead ?? 0) > 0);
    left.destroy();
    expect(await dialled).toMatchObject({ kind: "failed", failure: "cancelled" });
    await eventually(() => seen.sockets[0]?.readableEnded === true || seen.sockets[0]?.destroyed === true);
  },
);

test("a public address of this machine's own is dialled directly, and only by a private rule [AD-08] [AD-13]", async () => {
  await using seen = await Host.open(echo);
  const own = { ownAddresses: () => new Set(["93.184.216.34"]) };
  for (const proxy of ["", `http://127.0.0.1:${seen.port}`]) {
    expect(await dialThrough("93.184.216.34:9", proxy, own)).toMatchObject({
      kind: "refused",
      remedy: { rule: "93.184.216.34:9", isPrivate: true },
    });
    const resolveHost = async () => ["93.184.216.34"];
    if (proxy === "")
      expect(await dialThrough("a.test:9", proxy, { ...own, resolveHost })).toMatchObject({ kind: "refused" });
  }
  expect(seen.sockets).toHaveLength(0);
});

test("fifty names that never resolve keep no other host waiting, and each has its time limit [AV-10]", async () => {
  await using host = await Host.open(echo);
  const resolveHost = (name: string) =>
    name === "a.test" ? Promise.resolve(["127.0.0.1"]) : new Promise<never>(() => undefined);
  await using rig = await openHttpRig({
    resolveHost,
    rules: { allow: ["*.hangs.test:9"], allowPrivate: [`a.test:${host.port}`] },
    limits: { dialTimeoutMs: 2_000 },
  });
  const hanging = Array.from({ length: 50 }, (_, index) => askHttp(rig.proxy, `n${index}.hangs.test`, 9));
  await eventually(() => rig.resolved.length === 50);
  using asked = await askHttp(rig.proxy, "a.test", host.port);
  expect(asked.answer).toBe(200);
  for (const late of await Promise.all(hanging)) {
    using answered = late;
    expect(answered.answer).toBe(504);
  }
});

test("an https upstream is spoken to through TLS, by a certificate for its name", async () => {
  await using host = await Host.open(echo);
  const tls = createCertificate("proxy.test");
  await using corporate = await openHttpUpstream({ auth: { username: "u", password: "p" }, tls });
  const rules = { allow: [`a.test:${host.port}`] };
  const upstream = parseUpstream({ allProxy: `https://u:p@proxy.test:${corporate.port}` });
  {
    await using rig = await openHttpRig({ upstream, rules });
    using untrusted = await askHttp(rig.proxy, "a.test", host.port);
    expect([untrusted.answer, untrusted.text]).toEqual([
      502,
      "Koda: TLS to the upstream proxy failed: DEPTH_ZERO_SELF_SIGNED_CERT.\n",
    ]);
  }
  setDefaultCACertificates([tls.cert]);
  {
    const elsewhere = parseUpstream({ allProxy: `https://u:p@other.test:${corporate.port}` });
    await using rig = await openHttpRig({ upstream: elsewhere, rules });
    using misnamed = await askHttp(rig.proxy, "a.test", host.port);
    expect([misnamed.answer, misnamed.text.includes("ERR_TLS_CERT_ALTNAME_INVALID")]).toEqual([502, true]);
  }
  expect(corporate.asked).toEqual([]);
  await using rig = await openHttpRig({ upstream, rules });
  using asked = await askHttp(rig.proxy, "a.test", host.port);
  expect(asked.answer).toBe(200);
  asked.client.send("hello");
  expect(await asked.client.until("hello")).toBe("hello");
  asked.client.socket.end();
  await eventually(() => rig.events.length === 2);
  expect(rig.events[1]).toMatchObject({ kind: "closed", bytesUp: 5, bytesDown: 5 });
});
