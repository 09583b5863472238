import { networkInterfaces } from "node:os";
import { expect, test } from "vitest";
import { toOwnAddresses } from "../../src/filter/address.ts";
import { createFilter, type FilterRules } from "../../src/filter/filter.ts";
import { parseHost } from "../../src/filter/target.ts";
import { checkAddresses } from "../../src/proxy/check-addresses.ts";
import { judgeFirstBytes } from "../../src/proxy/judge-first-bytes.ts";
import { askProxy } from "./ask-proxy.ts";
import { echo, Host, openHttpRig, openSocks5Rig, RawClient } from "./rig.ts";

const openRigs = [openHttpRig, openSocks5Rig];

test.each([
  ["127.0.0.1", "loopback"],
  ["127.8.8.8", "loopback"],
  ["::1", "loopback"],
  ["10.0.0.1", "private"],
  ["172.17.0.1", "private"], // [AD-08] a Docker bridge
  ["192.168.1.1", "private"],
  ["169.254.1.1", "link-local"],
  ["fe80::1", "link-local"],
  ["100.64.0.1", "cgnat"], // [AD-08] a Tailscale address
  ["fd12::1", "ula"],
  ["224.0.0.1", "multicast"],
  ["ff02::1", "multicast"],
  ["0.0.0.0", "unspecified"],
  ["::", "unspecified"],
  ["240.0.0.1", "reserved"],
  ["255.255.255.255", "reserved"],
  ["169.254.169.254", "metadata"],
  ["fd00:ec2::254", "metadata"],
])(
  "an allowed name that resolves to %s is refused with the class %s and no address [AD-01] [AD-18]",
  async (address, addressClass) => {
    for (const openRig of openRigs) {
      await using rig = await openRig({ rules: { allow: ["a.test"] }, resolveHost: async () => [address] });
      expect(await askProxy(rig.proxy, "a.test", 443)).toBe("denied");
      const reason = `a.test leads to a ${addressClass} address, which only a private rule may open`;
      expect(rig.events).toMatchObject([{ kind: "refused", host: "a.test", reason }]);
      expect(JSON.stringify(rig.events)).not.toContain(address);
    }
  },
);

test("the refusal that a client reads does not say which address a name has [AD-18]", async () => {
  await using rig = await openHttpRig({ rules: { allow: ["a.test"] }, resolveHost: async () => ["10.98.76.54"] });
  using client = await RawClient.open(rig.proxy);
  client.send("CONNECT a.test:443 HTTP/1.1\r\n\r\n");
  const { head, body } = await client.response();
  expect(head + body).not.toContain("10.98.76.54");
  expect(body).toContain("private address");
});

test("a name is resolved once, and what was checked is dialled [AD-02]", async () => {
  await using host = await Host.open(echo, { host: "0.0.0.0" });
  for (const openRig of openRigs) {
    const answers = [["127.0.0.2"], ["127.0.0.3"]];
    await using rig = await openRig({
      rules: { allowPrivate: [`a.test:${host.port}`], deny: ["127.0.0.3"] },
      resolveHost: async () => answers.shift() ?? [],
    });
    expect(await askProxy(rig.proxy, "a.test", host.port)).toBe("open");
    expect(rig.resolved).toEqual(["a.test"]);
    expect(rig.events[0]).toMatchObject({ kind: "open", address: "127.0.0.2" });
    expect(host.sockets.at(-1)?.localAddress).toBe("127.0.0.2");
  }
});

test.each([
  ["first", ["127.0.0.3", "127.0.0.2"]],
  ["last", ["127.0.0.2", "127.0.0.3"]],
])("of several addresses one that a rule denies is never dialled, come it %s [AD-03]", async (_place, addresses) => {
  await using host = await Host.open(echo, { host: "0.0.0.0" });
  for (const openRig of openRigs) {
    await using rig = await openRig({
      rules: { allowPrivate: [`a.test:${host.port}`], deny: ["127.0.0.3"] },
      resolveHost: async () => addresses,
    });
    expect(await askProxy(rig.proxy, "a.test", host.port)).toBe("open");
    expect(host.sockets.map(({ localAddress }) => localAddress)).not.toContain("127.0.0.3");
  }
});

test.each<[what: string, addresses: string[], rules: FilterRules, dialable: string[]]>([
  ["private beside public [AD-03]", ["10.0.0.1", "8.8.8.8", "::1"], { allow: ["a.test"] }, ["8.8.8.8"]],
  ["public of this machine [AD-08]", ["8.8.4.4", "64:ff9b::808:404"], { allow: ["a.test"] }, []],
  ["public of this machine, by a private rule [AD-08]", ["8.8.4.4"], { allowPrivate: ["a.test"] }, ["8.8.4.4"]],
  [
    "metadata, by a private rule for the host [AD-07]",
    ["fd00:ec2::254"],
    { allowPrivate: ["a.test"] },
    ["fd00:ec2::254"],
  ],
  ["IPv6 that leads to denied IPv4 [AD-06]", ["64:ff9b::808:808"], { allow: ["a.test"], deny: ["8.8.8.0/24"] }, []],
])("of a name's addresses these may be dialled: %s", (_what, addresses, rules, dialable) => {
  const filter = createFilter(rules);
  const target = parseHost("a.test", 443);
  const verdict = filter.decide(target);
  if (verdict.kind === "deny") throw new Error("the case needs an allowed target");
  const ownAddresses = () => toOwnAddresses(["8.8.4.4"]);
  expect(checkAddresses(addresses, { target, verdict, filter }, ownAddresses).dialable).toEqual(dialable);
});

test("an address that does not answer is no reason to ask for another [AD-04]", async () => {
  await using host = await Host.open(echo);
  for (const openRig of openRigs) {
    const answers = [["127.0.0.2"], ["127.0.0.1"]]; // nobody listens at the first
    await using rig = await openRig({
      rules: { allowPrivate: [`a.test:${host.port}`] },
      resolveHost: async () => answers.shift() ?? [],
    });
    expect(await askProxy(rig.proxy, "a.test", host.port)).toBe("failed");
    expect(rig.resolved).toEqual(["a.test"]);
  }
  expect(host.sockets).toEqual([]);
});

const ipv4Spellings = ["2130706433", "0x7f000001", "017700000001", "127.1", "127.0.1", "0177.0.0.1", "127.0.0.1."];
const ipv6Spellings = [
  "::1",
  "0:0:0:0:0:0:0:1",
  "::ffff:127.0.0.1",
  "::ffff:7f00:1",
  "::127.0.0.1",
  "::7f00:1",
  "64:ff9b::7f00:1",
  "64:ff9b:1::7f00:1",
  "2002:7f00:1::",
  "2001:0:7f00:1::1",
  "fe80::1",
  "fec0::1",
];

test.each([...ipv4Spellings, "0", "0.0.0.0", ...ipv6Spellings])(
  "%s is not public, asked for or resolved to [AD-05] [AD-06]",
  async (spelling) => {
    await using host = await Host.open(echo, { host: "::" });
    for (const openRig of openRigs) {
      await using rig = await openRig({
        rules: { allow: ["0.0.0.0/0:*", "[::/0]:*", "a.test:*"] },
        resolveHost: async () => [spelling],
      });
      const asked = spelling.includes(":") ? `[${spelling}]` : spelling;
      expect(await askProxy(rig.proxy, asked, host.port)).toBe("denied");
      expect(await askProxy(rig.proxy, "a.test", host.port)).toBe("denied");
      expect(rig.events.map(({ kind }) => kind)).toEqual(["refused", "refused"]);
    }
    expect(host.sockets).toEqual([]);
  },
);

test("a zone that a resolver gives makes no address [AD-06]", async () => {
  for (const openRig of openRigs) {
    await using rig = await openRig({ rules: { allow: ["a.test"] }, resolveHost: async () => ["fe80::1%lo"] });
    expect(await askProxy(rig.proxy, "a.test", 443)).not.toBe("open");
  }
});

test.each([
  "metadata.google.internal",
  "data.instance.internal",
  "169.254.169.254",
  "169.254.170.2",
  "100.100.100.200",
  "192.0.0.192",
  "[fd00:ec2::254]",
])("%s is refused behind private rules as wide as can be [AD-07]", async (name) => {
  const allowPrivate = ["**.google.internal", "*.instance.internal", "0.0.0.0/0", "::/0", "fd00::/8"];
  for (const openRig of openRigs) {
    await using rig = await openRig({ rules: { allowPrivate }, resolveHost: async () => ["169.254.169.254"] });
    expect(await askProxy(rig.proxy, name, 80)).toBe("denied");
    expect(rig.events.filter(({ kind }) => kind !== "refused")).toEqual([]);
  }
});

test("a name that leads to an interface of this machine is refused [AD-08]", async () => {
  await using host = await Host.open(echo, { host: "::" });
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  expect(own.length).toBeGreaterThan(0);
  for (const openRig of openRigs) {
    for (const { address } of own) {
      await using rig = await openRig({
        rules: { allow: [`a.test:${host.port}`] },
        resolveHost: async () => [address],
      });
      expect([address, await askProxy(rig.proxy, "a.test", host.port)]).toEqual([address, "denied"]);
    }
  }
  expect(host.sockets).toEqual([]);
});

test("nobody is asked for a name that is denied, so that names carry nothing out [AD-09]", async () => {
  for (const openRig of openRigs) {
    await using rig = await openRig({ rules: { allow: ["a.test", "**.wild.test"], deny: ["**.bad.wild.test"] } });
    for (const name of ["secret.evil.test", "x.a.test", "secret.bad.wild.test", "bad name.wild.test", "a.test.evil"]) {
      expect(await askProxy(rig.proxy, name, 443)).not.toBe("open");
    }
    expect(await askProxy(rig.proxy, "a.test", 8443)).toBe("denied"); // the host is allowed, this port is not
    expect(rig.resolved).toEqual([]);
  }
});

test("an allowed host is not allowed as a name server [AD-10]", async () => {
  for (const openRig of openRigs) {
    await using rig = await openRig({ rules: { allow: ["a.test", "0.0.0.0/0"] } });
    for (const [host, port] of [
      ["a.test", 53],
      ["8.8.8.8", 53],
      ["a.test", 5353],
      ["a.test", 853],
    ] as const) {
      expect(await askProxy(rig.proxy, host, port)).toBe("denied");
    }
    expect(rig.resolved).toEqual([]);
  }
});

test("a bare name is not completed to an allowed one [AD-11]", async () => {
  for (const openRig of openRigs) {
    await using rig = await openRig({ rules: { allow: ["allowed.test", "*.wild.test"] } });
    for (const name of ["allowed", "allowed.", "wild", "a"]) {
      expect(await askProxy(rig.proxy, name, 443)).toBe("denied");
    }
    expect(rig.resolved).toEqual([]);
  }
});

test("a rule for one local port opens no other, and none opens the proxy's own [AD-12]", async () => {
  await using allowed = await Host.open(echo);
  await using other = await Host.open(echo);
  for (const openRig of openRigs) {
    await using narrow = await openRig({ rules: { allowPrivate: [`localhost:${allowed.port}`] } });
    expect(await askProxy(narrow.proxy, "localhost", allowed.port)).toBe("open");
    for (const name of ["localhost", "127.0.0.1", "a.localhost"]) {
      expect(await askProxy(narrow.proxy, name, other.port)).toBe("denied");
    }
    await using wide = await openRig({
      rules: { allowPrivate: ["localhost:*", "127.0.0.0/8:*", "[::/0]:*", "a.test:*"] },
    });
    for (const name of ["localhost", "127.0.0.1", "2130706433", "[::ffff:127.0.0.1]", "a.test"]) {
      expect([name, await askProxy(wide.proxy, name, wide.proxy.port)]).toEqual([name, "denied"]);
    }
  }
  expect(other.sockets).toEqual([]);
});

test("SSH passes on port 443 to the git hosts that offer it there, and nowhere else", async () => {
  const bytes = Buffer.from("SSH-2.0-OpenSSH_9.2\r\n");
  const kindOf = (host: string): string => {
    const filter = createFilter({ allow: [host] });
    return judgeFirstBytes({ bytes, target: { host, port: 443 }, isPrivateAllowed: false, filter }).kind;
  };
  expect(["ssh.github.com", "altssh.gitlab.com", "altssh.bitbucket.org"].map(kindOf)).toEqual(["pass", "pass", "pass"]);
  expect(["github.com", "ssh.github.com.test", "x.ssh.github.com"].map(kindOf)).toEqual(["refuse", "refuse", "refuse"]);
});
