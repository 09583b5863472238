import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createFilter, type FilterRules } from "../../src/filter/filter.ts";
import { parseAuthority, parseHost } from "../../src/filter/target.ts";
import { loadRules } from "../../src/program/rules-file.ts";
import { toRemedy } from "../../src/proxy/explain.ts";
import { askProxy } from "../proxy/ask-proxy.ts";
import { echo, eventually, Host, openHttpRig, openSocks5Rig, RawClient } from "../proxy/rig.ts";
import { temporaryDirectory } from "../temporary-directory.ts";

interface Attack {
  readonly rules: FilterRules;
  readonly refused: readonly string[];
  /** What the same rules must go on allowing. */
  readonly reached?: readonly string[];
}

const wild: FilterRules = { allowPrivate: ["allowed.test:*", "*.wild.test:*"] };

test.each<[title: string, attack: Attack]>([
  ["an empty allowlist denies everything [PG-01]", { rules: {}, refused: ["allowed.test", "127.0.0.1", "localhost"] }],
  ["so does an allowlist of no entries [PG-01]", { rules: { allow: [] }, refused: ["allowed.test", "a.b", "[::1]"] }],
  [
    "a name that begins with an allowed one is another name [PG-03]",
    { rules: wild, refused: ["allowed.test.evil.test", "allowed.test.evil"], reached: ["allowed.test"] },
  ],
  [
    "a name that ends in an allowed one is another name [PG-04]",
    { rules: wild, refused: ["evilallowed.test", "notwild.test", "a.notwild.test"], reached: ["a.wild.test"] },
  ],
  [
    "a wildcard stands for one label, and never for none [PG-05]",
    { rules: wild, refused: ["wild.test", "a.b.wild.test", ".wild.test"], reached: ["a.wild.test"] },
  ],
  [
    "a deny of a name leaves the names below it [PG-05]",
    { rules: { ...wild, deny: ["wild.test"] }, refused: ["wild.test"], reached: ["a.wild.test"] },
  ],
  [
    "a dot in a rule is a dot [PG-07]",
    { rules: wild, refused: ["allowedxtest", "a.wildxtest"], reached: ["allowed.test"] },
  ],
  [
    "capitals change nothing in names and rules [PG-08]",
    {
      rules: { allowPrivate: ["ALLOWED.Test:*", "*.wild.test:*"], deny: ["Bad.WILD.test"] },
      refused: ["BAD.wild.test", "bad.wild.test"],
      reached: ["ALLOWED.TEST", "allowed.test", "A.Wild.Test"],
    },
  ],
  [
    "a trailing dot changes nothing, two are no name [PG-09]",
    {
      rules: { ...wild, deny: ["bad.wild.test"] },
      refused: ["bad.wild.test.", "allowed.test..", "bad.wild.test.."],
      reached: ["allowed.test.", "a.wild.test."],
    },
  ],
  [
    "a NUL ends no name [PG-10]",
    { rules: wild, refused: ["blocked.test\0.wild.test", "blocked.test%00.wild.test", "a\0.wild.test"] },
  ],
  [
    "a zone is no part of a name or an address [PG-11]",
    {
      rules: { allowPrivate: ["*.wild.test:*", "**.wild.test:*", "[::1]:*"] },
      refused: ["::ffff:127.0.0.1%x.wild.test", "::1%.wild.test", "fe80::1%25eth0.wild.test", "[::1%25lo]", "[::1%lo]"],
    },
  ],
  [
    "letters that are written differently and look alike open nothing [PG-12]",
    {
      rules: { allowPrivate: ["*.wild.test:*", "allowed.test:*", "straße.test:*"], deny: ["bad.wild.test"] },
      refused: ["ｂad.wild.test", "bad。wild.test", "b\u00adad.wild.test", "аllowed.test", "strasse.test"],
      reached: ["xn--strae-oqa.test"],
    },
  ],
  [
    "a rule in Unicode is the rule of its punycode and of nothing else [PG-12]",
    {
      rules: { allowPrivate: ["bücher.test:*"] },
      refused: ["bucher.test", "xn--bcher-kvb.test", "buecher.test"],
      reached: ["xn--bcher-kva.test", "XN--BCHER-KVA.test."],
    },
  ],
  [
    "what is no label is refused before anybody is asked for it [PG-13]",
    {
      rules: { allowPrivate: ["*.wild.test:*", "**.wild.test:*"] },
      refused: [
        "..wild.test",
        "a..wild.test",
        `${"a".repeat(64)}.wild.test`,
        `aa.${"a.".repeat(121)}wild.test`,
        "-a.wild.test",
        "a-.wild.test",
        "a b.wild.test",
        "a_b.wild.test",
        "a\x01.wild.test",
        "a\x7f.wild.test",
      ],
      reached: [`${"a".repeat(63)}.wild.test`, `${"a.".repeat(122)}wild.test`],
    },
  ],
  [
    "a deny wins over a narrower allow, whatever the order [PG-15]",
    {
      rules: { allowPrivate: ["bad.wild.test:*", "**.wild.test:*"], deny: ["**.bad.wild.test", "bad.wild.test"] },
      refused: ["bad.wild.test", "very.bad.wild.test"],
      reached: ["good.wild.test"],
    },
  ],
  [
    "all spellings of an address are the address [PG-17]",
    {
      rules: { allowPrivate: ["127.0.0.2:*"] },
      refused: ["127.0.0.3", "2130706435", "[::ffff:127.0.0.3]", "[::1]", "127.0.0.2.test"],
      reached: ["127.0.0.2", "127.0.2", "2130706434", "0x7f000002", "[::ffff:127.0.0.2]", "127.0.0.2."],
    },
  ],
  [
    "a range covers addresses, in every spelling, and no names [PG-17]",
    {
      rules: { allowPrivate: ["127.0.0.0/30:*"] },
      refused: ["127.0.0.4", "2130706436", "allowed.test", "localhost"],
      reached: ["127.0.0.1", "2130706434", "[::ffff:7f00:3]"],
    },
  ],
])("%s", async (_title, { rules, refused, reached = [] }) => {
  await using host = await Host.open(echo, { host: "0.0.0.0" });
  for (const openRig of [openHttpRig, openSocks5Rig]) {
    await using rig = await openRig({ rules });
    for (const name of refused) {
      const answer = await askProxy(rig.proxy, name, host.port);
      expect([name, answer]).toEqual([name, expect.stringMatching(/^(?:denied|unreadable)$/)]);
    }
    expect(rig.resolved).toEqual([]);
    expect(rig.events.filter(({ kind }) => kind !== "refused")).toEqual([]);
    for (const name of reached) expect([name, await askProxy(rig.proxy, name, host.port)]).toEqual([name, "open"]);
  }
});

test("one name has one spelling in the record, whatever the client wrote [PG-09]", async () => {
  await using host = await Host.open(echo);
  await using rig = await openHttpRig({ rules: wild });
  for (const name of ["allowed.test", "allowed.test.", "ALLOWED.test"]) await askProxy(rig.proxy, name, host.port);
  expect(rig.events.filter(({ kind }) => kind === "open").map((event) => event.host)).toEqual([
    "allowed.test",
    "allowed.test",
    "allowed.test",
  ]);
  expect(new Set(rig.resolved)).toEqual(new Set(["allowed.test"]));
});

test.each([
  ["a bare wildcard [PG-06]", ["*", "**", "*:443", "*."]],
  ["a wildcard over a top-level domain [PG-06]", ["*.com", "**.test", "*.COM."]],
  [
    "a wildcard that is not the whole first label [PG-06]",
    ["a*.test", "*test", "a.*.test", "foo.*", "*.*", "*.*.test"],
  ],
  [
    "a regular expression [PG-07]",
    ["(a+)+$", "allowed\\.test", "^allowed.test$", "a|b.test", "[ab].test", "a.{3}.test"],
  ],
  [
    "a port that is none [PG-14]",
    ["a.test:", "a.test:0", "a.test:65536", "a.test:80,443", "a.test:http", "a.test:1-9"],
  ],
  [
    "what a client would smuggle into a stored rule [PG-16]",
    ["evil.test\n*", "a.test\0", " *.test", "a.test *.b.test"],
  ],
  [
    "a range that is none [PG-17]",
    ["10.0.0.0/33", "10.1.2.3/8", "10.0.0.0/", "10.0.0.0/8/8", "2130706432/8", "::1%lo/128"],
  ],
])("the filter refuses to be made from %s", (_what, patterns) => {
  for (const pattern of patterns) {
    const refusal = expect.objectContaining({
      code: "bad_pattern",
      message: expect.stringContaining(JSON.stringify(pattern)),
    });
    expect(() => createFilter({ allow: [pattern] })).toThrow(refusal);
    expect(() => createFilter({ allowPrivate: [pattern] })).toThrow(refusal);
  }
});

test("an allowed host is allowed on ports 80 and 443, or on those that its rule names [PG-14]", () => {
  const filter = createFilter({ allow: ["web.test", "ssh.test:22", "all.test:*"] });
  const open = (host: string): readonly number[] =>
    [22, 25, 53, 80, 443, 3306, 6379].filter((port) => filter.decide({ host, port }).kind === "allow");
  expect([open("web.test"), open("ssh.test")]).toEqual([[80, 443], [22]]);
  expect(open("all.test")).toHaveLength(7);
  expect(filter.decide(parseHost("web.test", 22))).toEqual({
    kind: "deny",
    reason: "port_not_listed",
    rule: "web.test",
  });
});

test("no later layer lifts a deny of an earlier one, nor the other way round [PG-15]", () => {
  const user = { deny: ["bad.wild.test", "10.0.0.0/8"] };
  const project = { allow: ["bad.wild.test", "*.wild.test"], allowPrivate: ["bad.wild.test:*", "10.0.0.1"] };
  for (const filter of [createFilter(user).layer(project), createFilter(project).layer(user)]) {
    for (const authority of ["bad.wild.test:443", "bad.wild.test:22", "10.0.0.1:443", "[::ffff:10.0.0.1]:80"]) {
      expect(filter.decide(parseAuthority(authority))).toMatchObject({ kind: "deny", reason: "denied_by_rule" });
    }
    expect(filter.decide(parseAuthority("good.wild.test:443")).kind).toBe("allow");
  }
});

test.each([
  ["EVIL.test.:443", "evil.test"],
  ["ｅvil.test:8443", "evil.test:8443"],
  ["2130706433:80", "127.0.0.1"],
  ["[::FFFF:10.0.0.1]:22", "10.0.0.1:22"],
  ["[2001:DB8:0::1]:8080", "[2001:db8::1]:8080"],
  ["[2001:DB8:0::1]:443", "2001:db8::1"],
])("the rule offered for %s is %s: canonical, and one host on one port [PG-16]", (authority, rule) => {
  const target = parseAuthority(authority);
  expect(toRemedy(target, { isPrivate: false }).rule).toBe(rule);
  expect(createFilter({ allow: [rule] }).decide(target).kind).toBe("allow");
});

test.each([
  ["no JSON [PG-02]", "allow: a.test", "is not JSON"],
  ["a list that is a text [PG-02]", '{"allow":"a.test"}', "allow"],
  ["a list that is null [PG-02]", '{"allow":null}', "allow"],
  ["null [PG-02]", "null", "the top level"],
  ["nothing [PG-02]", "", "is not JSON"],
  ["a misspelt list [PG-18]", '{"allowDomains":["a.test"]}', "allowDomains"],
  ["a list in the wrong letters [PG-18]", '{"Deny":["a.test"]}', "Deny"],
])("a rules file that holds %s is refused by file and field", async (_what, text, names) => {
  using directory = temporaryDirectory();
  const rulesPath = join(directory.path, "rules.json");
  await writeFile(rulesPath, text);
  const loading = loadRules({ base: null, flags: { allow: ["b.test"] }, rulesPath });
  await expect(loading).rejects.toMatchObject({ code: "bad_rules", message: expect.stringContaining(rulesPath) });
  await expect(loading).rejects.toThrow(names);
});

test("rules that are absent deny everything, and a rules file that is absent is an error [PG-02]", async () => {
  const { filter } = await loadRules({ base: null, flags: {}, rulesPath: null });
  expect(filter.decide(parseAuthority("a.test:443"))).toEqual({ kind: "deny", reason: "not_listed", rule: null });
  using directory = temporaryDirectory();
  const rulesPath = join(directory.path, "none.json");
  await expect(loadRules({ base: null, flags: {}, rulesPath })).rejects.toMatchObject({ code: "bad_rules" });
});

test("a host that is taken from the rules is refused at once, and its open tunnels are closed [PG-20]", async () => {
  await using host = await Host.open(echo);
  for (const openRig of [openHttpRig, openSocks5Rig]) {
    await using rig = await openRig({ rules: wild });
    await using other = await openHttpRig({ rules: wild });
    using tunnel = await RawClient.open(other.proxy);
    tunnel.send(`CONNECT allowed.test:${host.port} HTTP/1.1\r\n\r\n`);
    await tunnel.until("\r\n\r\n");
    expect(await askProxy(rig.proxy, "allowed.test", host.port)).toBe("open");
    for (const { proxy } of [rig, other]) proxy.setRules(createFilter({ ...wild, deny: ["allowed.test"] }));
    expect(await askProxy(rig.proxy, "allowed.test", host.port)).toBe("denied");
    expect(await askProxy(rig.proxy, "a.wild.test", host.port)).toBe("open");
    expect(await tunnel.rest()).toBe("");
    await eventually(() => other.proxy.stats().active === 0);
  }
});
