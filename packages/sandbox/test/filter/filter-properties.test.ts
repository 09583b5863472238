import fc from "fast-check";
import { expect, test } from "vitest";
import { SandboxError } from "../../src/errors.ts";
import { createFilter, type Filter, type FilterRules } from "../../src/filter/filter.ts";
import { type HostPattern, parseHostPattern } from "../../src/filter/host-pattern.ts";
import { parseAuthority, parseHost, type Target } from "../../src/filter/target.ts";
import { toRemedy } from "../../src/proxy/explain.ts";

// Few labels, so that rules and targets meet.
const anyLabel = fc.constantFrom("a", "b", "aa", "xn--bcher-kva");
const anyName = fc.array(anyLabel, { minLength: 1, maxLength: 4 }).map((labels) => [...labels, "test"].join("."));
const anyIpv4 = fc.tuple(fc.constantFrom(10, 127, 8), fc.nat(1), fc.nat(1), fc.nat(3)).map((parts) => parts.join("."));
const anyIpv6 = anyIpv4.chain((ipv4) =>
  fc.constantFrom(`64:ff9b::${ipv4}`, `::ffff:${ipv4}`, `2002:a00:1::1`, "2001:db8::1", "::1", `::${ipv4}`),
);
const anyRange = fc.constantFrom("10.0.0.0/8", "10.0.0.0/31", "0.0.0.0/0", "::/0", "64:ff9b::/96", "::ffff:0:0/96");
const anyPort = fc.constantFrom("", ":443", ":22", ":*");
const anyPattern = fc.oneof(
  fc.tuple(fc.constantFrom("", "*.", "**."), anyName, anyPort).map((parts) => parts.join("")),
  fc.tuple(anyIpv4, anyPort).map((parts) => parts.join("")),
  fc.tuple(anyIpv6, anyPort).map(([ipv6, port]) => `[${ipv6}]${port}`),
  anyRange,
);
const anyList = fc.array(anyPattern, { maxLength: 5 });
const anyRules = fc.record({ allow: anyList, allowPrivate: anyList, deny: anyList });
const anyTarget = fc
  .tuple(fc.oneof(anyName, anyIpv4, anyIpv6), fc.constantFrom(22, 80, 443, 8080))
  .map(([host, port]) => parseHost(host, port));

const isAllowed = (filter: Filter, target: Target): boolean => filter.decide(target).kind === "allow";

function joined(first: Required<FilterRules>, second: Required<FilterRules>): FilterRules {
  return {
    allow: [...(first.allow ?? []), ...(second.allow ?? [])],
    allowPrivate: [...(first.allowPrivate ?? []), ...(second.allowPrivate ?? [])],
    deny: [...(first.deny ?? []), ...(second.deny ?? [])],
  };
}

test("adding a deny opens nothing, for names, addresses and ranges", () => {
  fc.assert(
    fc.property(anyRules, anyPattern, anyTarget, (rules, added, target) => {
      const after = createFilter({ ...rules, deny: [...rules.deny, added] });
      if (isAllowed(after, target)) expect(isAllowed(createFilter(rules), target)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test("adding an allow closes nothing, lifts no deny, and without the private mark vouches for no address", () => {
  fc.assert(
    fc.property(anyRules, anyPattern, anyTarget, (rules, added, target) => {
      const before = createFilter(rules).decide(target);
      const allowed = createFilter({ ...rules, allow: [...rules.allow, added] }).decide(target);
      const allowedPrivate = createFilter({ ...rules, allowPrivate: [...rules.allowPrivate, added] }).decide(target);
      for (const after of [allowed, allowedPrivate]) {
        if (before.kind === "allow") expect(after.kind).toBe("allow");
        else if (before.reason === "denied_by_rule") expect(after).toEqual(before);
      }
      const wasPrivate = before.kind === "allow" && before.isPrivateAllowed;
      expect(allowed.kind === "allow" && allowed.isPrivateAllowed).toBe(wasPrivate);
    }),
    { numRuns: 500 },
  );
});

test("rules in layers decide as the same rules in one filter, in either order", () => {
  fc.assert(
    fc.property(anyRules, anyRules, anyTarget, (first, second, target) => {
      const { rule: _one, ...one } = createFilter(joined(first, second)).decide(target);
      const { rule: _two, ...two } = createFilter(first).layer(second).decide(target);
      const { rule: _three, ...three } = createFilter(second).layer(first).decide(target);
      expect([two, three]).toEqual([one, one]);
    }),
    { numRuns: 500 },
  );
});

test("the rule that a verdict names gives that verdict alone", () => {
  fc.assert(
    fc.property(anyRules, anyTarget, (rules, target) => {
      const verdict = createFilter(rules).decide(target);
      if (verdict.rule === null) return;
      if (verdict.kind === "allow") {
        expect(isAllowed(createFilter({ allow: [verdict.rule] }), target)).toBe(true);
      } else if (verdict.reason === "denied_by_rule") {
        expect(createFilter({ deny: [verdict.rule] }).decide(target)).toEqual(verdict);
      }
    }),
    { numRuns: 500 },
  );
});

test("a pattern's text and its parts are the same thing", () => {
  fc.assert(
    fc.property(anyPattern, (text) => {
      const { text: kept, ...parts } = parseHostPattern(text);
      expect(kept).toBe(text);
      expect(parseHostPattern(toText(parts))).toMatchObject(parts);
    }),
  );
});

test("parsing a pattern throws nothing but our error, whatever the text", () => {
  const anyText = fc.oneof(
    fc.string({ unit: "binary", maxLength: 300 }),
    fc.array(fc.constantFrom("*", ".", ":", "[", "]", "/", "a", "1", "::", "%", "ff")).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(anyText, (text) => {
      try {
        parseHostPattern(text);
      } catch (error) {
        expect(error).toBeInstanceOf(SandboxError);
      }
    }),
    { numRuns: 2_000 },
  );
});

test("parsing an authority throws nothing but our error, and what it gives parses to itself", () => {
  const anyAuthority = fc.tuple(
    fc.oneof(
      fc.string({ unit: "binary" }),
      fc.domain(),
      fc.ipV4Extended(),
      fc.ipV6().map((ipv6) => `[${ipv6}]`),
    ),
    fc.oneof(fc.nat(70_000).map(String), fc.string()),
  );
  fc.assert(
    fc.property(anyAuthority, ([host, port]) => {
      let target: Target;
      try {
        target = parseAuthority(`${host}:${port}`);
      } catch (error) {
        expect(error).toBeInstanceOf(SandboxError);
        return;
      }
      const again = target.host.includes(":") ? `[${target.host}]` : target.host;
      expect(parseAuthority(`${again}:${target.port}`)).toEqual(target);
    }),
    { numRuns: 1_000 },
  );
});

test("a name is matched at its dots only: text before or after one matches nothing", () => {
  const anyText = fc.stringMatching(/^[a-z0-9]{1,8}$/);
  fc.assert(
    fc.property(fc.constantFrom("", "*.", "**."), anyName, anyText, (wildcard, name, text) => {
      const filter = createFilter({ allow: [`${wildcard}${name}`] });
      for (const host of [`${text}${name}`, `${name}${text}`, `${name}.${text}`, `y.${text}${name}`]) {
        // A longer first label may make a name that a wildcard was written for.
        const isMeant = wildcard === "" ? host === name : host.endsWith(`.${name}`);
        if (!isMeant) expect(isAllowed(filter, { host, port: 443 })).toBe(false);
      }
    }),
  );
});

test("every spelling of an IPv4 address has the verdict of the address, allowed or denied", () => {
  fc.assert(
    fc.property(fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255)), (octets) => {
      const [a, b, c, d] = octets;
      const value = a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d;
      const hex = (octet: number): string => octet.toString(16).padStart(2, "0");
      const spellings = [
        octets.join("."),
        `${octets.join(".")}.`,
        String(value),
        `0x${value.toString(16)}`,
        `0${value.toString(8)}`,
        `${a}.${b * 2 ** 16 + c * 2 ** 8 + d}`,
        `${a}.${b}.${c * 2 ** 8 + d}`,
        octets.map((octet) => `0x${hex(octet)}`).join("."),
        octets.map((octet) => `0${octet.toString(8)}`).join("."),
        `[::ffff:${octets.join(".")}]`,
        `[::FFFF:${hex(a)}${hex(b)}:${hex(c)}${hex(d)}]`,
        `[0:0:0:0:0:ffff:${hex(a)}${hex(b)}:${hex(c)}${hex(d)}]`,
      ];
      const pattern = octets.join(".");
      const network = `${a}.${b}.${c}.0/24`;
      for (const spelling of spellings) {
        const target = parseAuthority(`${spelling}:443`);
        expect([spelling, target.host]).toEqual([spelling, pattern]);
        expect(isAllowed(createFilter({ allow: [pattern] }), target)).toBe(true);
        expect(isAllowed(createFilter({ allow: ["0.0.0.0/0"], deny: [network] }), target)).toBe(false);
        // As a pattern each means the address too.
        expect(isAllowed(createFilter({ allow: [spelling] }), target)).toBe(true);
      }
    }),
  );
});

test("the rule offered for a refused host opens that host on that port, and no other host", () => {
  fc.assert(
    fc.property(anyTarget, anyTarget, (target, other) => {
      const { rule } = toRemedy(target, { isPrivate: false });
      const filter = createFilter({ allow: [rule] });
      expect(isAllowed(filter, target)).toBe(true);
      if (other.host !== target.host) expect(isAllowed(filter, other)).toBe(false);
    }),
  );
});

type PatternParts = HostPattern extends infer Pattern
  ? Pattern extends unknown
    ? Omit<Pattern, "text">
    : never
  : never;

/** The grammar backwards, from parts to text. */
function toText(pattern: PatternParts): string {
  const host = toHostText(pattern);
  const bracketed = host.includes(":") ? `[${host}]` : host;
  if (pattern.ports === "default") return bracketed;
  return `${bracketed}:${pattern.ports === "any" ? "*" : pattern.ports}`;
}

function toHostText(pattern: PatternParts): string {
  switch (pattern.kind) {
    case "exact":
      return pattern.host;
    case "suffix":
      return `${pattern.depth === "one" ? "*" : "**"}.${pattern.suffix}`;
    case "range": {
      const [groupBits, radix, separator, bits] = pattern.family === 4 ? [8, 10, ".", 32] : [16, 16, ":", 128];
      const padded = pattern.prefix.padEnd(bits, "0");
      const groups = padded.match(new RegExp(`.{${groupBits}}`, "g")) ?? [];
      const address = groups.map((group) => Number.parseInt(group, 2).toString(radix)).join(separator);
      return `${address}/${pattern.prefix.length}`;
    }
    default:
      return pattern satisfies never;
  }
}
