import fc from "fast-check";
import { expect, test } from "vitest";
import { createFilter, type Filter, type FilterRules } from "./filter.ts";
import { parseAuthority, parseHost } from "./target.ts";

const kindOf = (filter: Filter, authority: string): string => filter.decide(parseAuthority(authority)).kind;

test("no rules deny everything", () => {
  for (const rules of [{}, { allow: [] }, { allow: undefined, deny: [] }]) {
    expect(createFilter(rules).decide(parseAuthority("a.test:443"))).toEqual({
      kind: "deny",
      reason: "not_listed",
      rule: null,
    });
  }
});

test.each<[pattern: string, allowed: string[], denied: string[]]>([
  [
    "allowed.test",
    ["allowed.test:443", "allowed.test:80", "ALLOWED.test.:443"],
    ["allowed.test.evil.test:443", "evilallowed.test:443", "a.allowed.test:443", "allowedxtest:443", "allowed.test:22"],
  ],
  ["ALLOWED.Test.", ["allowed.test:443"], ["blocked.test:443"]],
  ["*.wild.test", ["a.wild.test:443"], ["wild.test:443", "a.b.wild.test:443", "notwild.test:443"]],
  ["**.wild.test", ["a.wild.test:443", "a.b.c.wild.test:80"], ["wild.test:443", "notwild.test:443"]],
  ["a.test:8443", ["a.test:8443"], ["a.test:443", "a.test:80"]],
  ["a.test:*", ["a.test:1", "a.test:65535"], ["b.test:443"]],
  ["*.a.test:22", ["x.a.test:22"], ["x.a.test:443"]],
  ["bücher.test", ["xn--bcher-kva.test:443"], ["bucher.test:443"]],
  ["10.1.2.3", ["10.1.2.3:443", "[::ffff:10.1.2.3]:443", "167838211:443"], ["10.1.2.4:443"]],
  ["10.1.2.0/24", ["10.1.2.9:443", "[::ffff:10.1.2.9]:80"], ["10.1.3.1:443", "10.1.2.9:22", "x.test:443"]],
  ["10.0.0.0/8:22", ["10.9.9.9:22"], ["10.9.9.9:443"]],
  ["::1", ["[::1]:443"], ["127.0.0.1:443"]],
  ["[2001:db8::1]:8443", ["[2001:db8:0::1]:8443"], ["[2001:db8::1]:443"]],
  ["[2001:db8::/32]:*", ["[2001:db8:5::1]:9"], ["[2001:db9::1]:443"]],
  ["2001:db8::/32", ["[2001:db8:5::1]:443"], ["[2001:db9::1]:443"]],
  ["::ffff:10.1.2.0/120", ["10.1.2.9:443", "[::ffff:a01:209]:443"], ["10.1.3.1:443", "[::a01:209]:443"]],
  ["0.0.0.0/0:*", ["10.1.2.9:443"], ["[2001:db8::1]:443", "a.test:443"]],
  ["::/0", ["[2001:db8::1]:443"], ["10.1.2.9:443", "[::ffff:10.1.2.9]:443"]],
  ["*.localhost:3000", ["app.localhost:3000"], ["localhost:3000"]],
])("%s covers exactly what the grammar says", (pattern, allowed, denied) => {
  const filter = createFilter({ allow: [pattern] });
  for (const authority of allowed) expect([authority, kindOf(filter, authority)]).toEqual([authority, "allow"]);
  for (const authority of denied) expect([authority, kindOf(filter, authority)]).toEqual([authority, "deny"]);
});

test.each([
  "",
  " ",
  " a.test",
  "a.test ",
  "a.test\n*",
  "*",
  "**",
  "*.*",
  "*.",
  "*.com",
  "**.test",
  "a*.test",
  "*test",
  "foo.*",
  "foo.*.com",
  "*.*.com",
  "***.a.test",
  "(a+)+$",
  "a|b.test",
  "^a.test$",
  "a.test/path",
  "http://a.test",
  "u@a.test",
  "a..test",
  "a.test:",
  "a.test:0",
  "a.test:65536",
  "a.test:80:80",
  "a.test:80-90",
  "10.0.0.0/33",
  "10.1.2.3/8",
  "10.0.0/8",
  "::/129",
  "*.10.0.0.1",
  "[::1",
  "[]",
  "a_b.test",
  "a.test\0",
])("the pattern %j is refused by name", (pattern) => {
  expect(() => createFilter({ allow: [pattern] })).toThrow(
    expect.objectContaining({ code: "bad_pattern", message: expect.stringContaining(JSON.stringify(pattern)) }),
  );
});

test("a deny may cover a whole top-level domain", () => {
  const filter = createFilter({ allow: ["a.zip", "a.test"], deny: ["**.zip"] });
  expect(kindOf(filter, "a.zip:443")).toBe("deny");
  expect(kindOf(filter, "a.test:443")).toBe("allow");
});

test("a denied host wins over an allowing pattern, whatever the layer it is in", () => {
  const allow: FilterRules = { allow: ["*.wild.test"], allowPrivate: ["bad.wild.test"] };
  const deny: FilterRules = { deny: ["bad.wild.test"] };
  for (const filter of [
    createFilter({ ...allow, ...deny }),
    createFilter(allow).layer(deny),
    createFilter(deny).layer(allow),
  ]) {
    expect(filter.decide(parseAuthority("bad.wild.test:443"))).toEqual({
      kind: "deny",
      reason: "denied_by_rule",
      rule: "bad.wild.test",
    });
    expect(kindOf(filter, "good.wild.test:443")).toBe("allow");
  }
});

test.each(["10.0.0.0/8", "10.1.2.3", "10.1.2.3:443", "::ffff:10.1.2.3"])(
  "a deny of %s covers the IPv6 addresses that lead to 10.1.2.3, and an allow of it does not",
  (pattern) => {
    const forms = ["[64:ff9b::10.1.2.3]:443", "[2002:a01:203::1]:443", "[::10.1.2.3]:443"];
    const denying = createFilter({ allowPrivate: ["::/0"], deny: [pattern] });
    expect(forms.map((authority) => kindOf(denying, authority))).toEqual(["deny", "deny", "deny"]);
    expect(kindOf(denying, "[64:ff9b::10.1.2.4]:22")).toBe("deny");
    const allowing = createFilter({ allowPrivate: [pattern] });
    expect(forms.map((authority) => kindOf(allowing, authority))).toEqual(["deny", "deny", "deny"]);
    expect(kindOf(allowing, "10.1.2.3:443")).toBe("allow");
  },
);

// What callers without types may hand over, a parsed configuration for instance.
test.each<[code: string, names: string, rules: unknown]>([
  ["bad_rules", "null", null],
  ["bad_rules", "not a list", ["a.test"]],
  ["bad_rules", "allowDomains", { allowDomains: ["a.test"] }],
  ["bad_rules", "allow", { allow: "a.test" }],
  ["bad_rules", "deny", { allow: ["a.test"], deny: { 0: "b.test" } }],
  ["bad_pattern", "7", { allow: [7] }],
  ["bad_pattern", "null", { deny: [null] }],
])("rules that are none are refused with %s, naming %s [PG-02] [PG-18]", (code, names, rules) => {
  const refusal = expect.objectContaining({ code, message: expect.stringContaining(names) });
  // @ts-expect-error: not a set of rules, which is the point
  expect(() => createFilter(rules)).toThrow(refusal);
  // @ts-expect-error: the same
  expect(() => createFilter({}).layer(rules)).toThrow(refusal);
});

test("a refusal shows no password of a URL that was given as a pattern", () => {
  expect(() => createFilter({ allow: ["https://me:hush@a.test/x"] })).toThrow(
    expect.objectContaining({ code: "bad_pattern", message: expect.not.stringContaining("hush") }),
  );
});

test("a deny without a port covers every port, and no subdomain", () => {
  const filter = createFilter({ allow: ["a.test:*", "*.a.test"], deny: ["a.test"] });
  expect(kindOf(filter, "a.test:22")).toBe("deny");
  expect(kindOf(filter, "x.a.test:443")).toBe("allow");
});

test("a verdict names the rule that decided", () => {
  const filter = createFilter({ allow: ["a.test"], allowPrivate: ["localhost:3000", "a.test:8080"] });
  expect(filter.decide(parseAuthority("A.test:443"))).toEqual({
    kind: "allow",
    rule: "a.test",
    isPrivateAllowed: false,
  });
  expect(filter.decide(parseAuthority("localhost:3000"))).toEqual({
    kind: "allow",
    rule: "localhost:3000",
    isPrivateAllowed: true,
  });
  expect(filter.decide(parseAuthority("localhost:22"))).toEqual({
    kind: "deny",
    reason: "port_not_listed",
    rule: "localhost:3000",
  });
  expect(filter.size).toBe(3);
});

const anyLabel = fc.constantFrom("a", "b", "c", "evil");
const anyHost = fc.array(anyLabel, { minLength: 1, maxLength: 4 }).map((labels) => [...labels, "test"].join("."));
const anyPattern = fc
  .tuple(fc.constantFrom("", "*.", "**."), anyHost, fc.constantFrom("", ":443", ":22", ":*"))
  .map((parts) => parts.join(""));
const anyRules = fc.record({
  allow: fc.array(anyPattern),
  allowPrivate: fc.array(anyPattern),
  deny: fc.array(anyPattern),
});
const anyTarget = fc.tuple(anyHost, fc.constantFrom(22, 80, 443, 8080)).map(([name, port]) => parseHost(name, port));

test("adding a deny opens nothing, and adding an allow closes nothing", () => {
  fc.assert(
    fc.property(anyRules, anyPattern, anyTarget, (given, added, at) => {
      const before = createFilter(given).decide(at).kind;
      const narrower = createFilter({ ...given, deny: [...given.deny, added] }).decide(at).kind;
      const wider = createFilter({ ...given, allow: [...given.allow, added] }).decide(at).kind;
      expect(before === "deny" && narrower === "allow").toBe(false);
      expect(before === "allow" && wider === "deny").toBe(false);
    }),
  );
});

test("rules decide alike in one layer or in two", () => {
  fc.assert(
    fc.property(anyRules, anyRules, anyTarget, (first, second, at) => {
      const layered = createFilter(first).layer(second);
      const joined = createFilter({
        allow: [...first.allow, ...second.allow],
        allowPrivate: [...first.allowPrivate, ...second.allowPrivate],
        deny: [...first.deny, ...second.deny],
      });
      expect(layered.decide(at).kind).toBe(joined.decide(at).kind);
      expect(layered.size).toBe(joined.size);
    }),
  );
});

test("what a pattern allows is what its text says, label by label", () => {
  fc.assert(
    fc.property(anyPattern, anyTarget, (text, at) => {
      const [, wildcard = "", name = "", port = ""] = /^(\*\*?\.)?([^:]+)(?::(.*))?$/.exec(text) ?? [];
      const hostForms: Record<string, RegExp> = {
        "": new RegExp(`^${name}$`),
        "*.": new RegExp(`^[^.]+\\.${name}$`),
        "**.": new RegExp(`^([^.]+\\.)+${name}$`),
      };
      const isHost = hostForms[wildcard]?.test(at.host) ?? false;
      const isPort = port === "*" || (port === "" ? [80, 443].includes(at.port) : Number(port) === at.port);
      expect(createFilter({ allow: [text] }).decide(at).kind).toBe(isHost && isPort ? "allow" : "deny");
    }),
  );
});
