import fc from "fast-check";
import { expect, test } from "vitest";
import { SandboxError } from "../errors.ts";
import { isAddress, parseAuthority, parseHost } from "./target.ts";

test.each([
  ["GitHub.com.:443", "github.com", 443],
  ["127.1:80", "127.0.0.1", 80],
  ["0x7f000001:80", "127.0.0.1", 80],
  ["2130706433:80", "127.0.0.1", 80],
  ["017700000001:80", "127.0.0.1", 80],
  ["0177.0.0.1:80", "127.0.0.1", 80],
  ["127.0.0.1.:80", "127.0.0.1", 80],
  ["0:80", "0.0.0.0", 80],
  ["[::1]:80", "::1", 80],
  ["[0:0:0:0:0:0:0:1]:80", "::1", 80],
  ["[::FFFF:7f00:1]:80", "127.0.0.1", 80],
  ["[::ffff:10.1.2.3]:80", "10.1.2.3", 80],
  ["[2001:DB8::0:1]:80", "2001:db8::1", 80],
  ["[::10.1.2.3]:80", "::a01:203", 80],
  ["[::a01:203]:80", "::a01:203", 80],
  ["bücher.test:443", "xn--bcher-kva.test", 443],
  ["ｂlocked.test:443", "blocked.test", 443],
  ["blocked。test:443", "blocked.test", 443],
  ["a.test:00080", "a.test", 80],
])("%j is %s, port %i", (authority, host, port) => {
  expect(parseAuthority(authority)).toEqual({ host, port });
});

test.each([
  "allowed.test", // HP-05: never a default port
  "allowed.test:",
  "allowed.test:0",
  "allowed.test:65616", // HP-04: what a loose number parser makes a port of
  "allowed.test:80abc",
  "allowed.test:+80",
  "allowed.test:-80",
  "allowed.test:80.0",
  "allowed.test:0x50",
  "allowed.test:80:80",
  "allowed.test: 80",
  "allowed.test:1:blocked.test:2",
  "allowed.test@blocked.test:80", // HP-06
  "u:p@allowed.test:80",
  ":80",
  ".:80",
  "allowed.test..:80", // PG-09
  "a..test:80", // PG-13
  "-a.test:80",
  "a-.test:80",
  "a_b.test:80",
  "a b.test:80",
  `${"a".repeat(64)}.test:80`,
  `${"a.".repeat(127)}test:80`,
  "blocked.test\0.wild.test:80", // PG-10
  "blocked.test%00.wild.test:80",
  "a%2etest:80",
  "a\u00adb.test:80", // PG-12: soft hyphen
  "allowed.test\r\nX: y:80",
  "allowed.test\\@blocked.test:80", // HP-07
  "allowed.test/x:80",
  "allowed.test#:80",
  "::1:80",
  "[::1%25lo]:80", // PG-11
  "[fe80::1%lo]:80",
  "[::1]",
  "[127.0.0.1]:80",
  "[::1]x:80",
  "1.2.3.4.5:80",
  "256.1.1.1:80",
  "0x100000000:80",
])("%j is no authority", (authority) => {
  expect(() => parseAuthority(authority)).toThrow(expect.objectContaining({ code: "bad_target" }));
});

test("parsing what was parsed changes nothing, and nothing but our error is thrown", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: "binary" }), fc.domain(), fc.ipV4Extended(), fc.ipV6()),
      fc.nat(70_000),
      (host, port) => {
        let first: ReturnType<typeof parseHost>;
        try {
          first = parseHost(host, port);
        } catch (error) {
          expect(error).toBeInstanceOf(SandboxError);
          return;
        }
        expect(parseHost(first.host, first.port)).toEqual(first);
        expect(first.host).toMatch(/^[a-z0-9.:-]+$/);
      },
    ),
  );
});

test("every address has the form of an address, and no name has it", () => {
  fc.assert(fc.property(fc.oneof(fc.ipV4Extended(), fc.ipV6()), (address) => isAddress(parseHost(address, 1).host)));
  fc.assert(fc.property(fc.domain(), (name) => !isAddress(parseHost(name, 1).host)));
});
