import { expect, test } from "vitest";
import { findBroadRules } from "./find-broad-rules.ts";

const broadOnes = async (...allow: readonly string[]): Promise<readonly string[]> =>
  (await findBroadRules({ allow })).map(({ rule }) => rule);

test("a wildcard over a public suffix is found, however it is written [PG-06]", async () => {
  const broad = ["*.co.uk", "**.github.io", "*.CO.UK.", "*.s3.amazonaws.com:443", "*.公司.cn", "**.pages.dev:*"];
  expect(await broadOnes(...broad)).toEqual(broad);
});

test("a wildcard over a name that has one owner is not", async () => {
  const narrow = ["*.example.co.uk", "**.me.github.io", "*.npmjs.org", "*.docker.io", "*.corp.test", "*.localhost"];
  expect(await broadOnes(...narrow, "co.uk", "github.io", "1.2.3.4")).toEqual([]);
});

test("an address range wider than any owner's is found", async () => {
  expect(await broadOnes("0.0.0.0/0", "8.0.0.0/7:22", "::/0", "2000::/3")).toHaveLength(4);
  expect(await broadOnes("10.0.0.0/8", "172.16.0.0/12", "fc00::/7", "2001:db8::/32")).toEqual([]);
});

test("a finding says what the rule opens; private rules are looked at, denying ones may be as broad as they like", async () => {
  const rules = { allow: ["a.test"], allowPrivate: ["*.co.uk", "0.0.0.0/1"], deny: ["**.com", "*.github.io", "::/0"] };
  expect(await findBroadRules(rules)).toEqual([
    {
      rule: "*.co.uk",
      problem: "anybody may have a name below co.uk, so it allows hosts that nobody has chosen",
    },
    { rule: "0.0.0.0/1", problem: "it covers 1/2 of all IPv4 addresses" },
  ]);
});

test("a bad pattern is refused as the filter refuses it", async () => {
  await expect(findBroadRules({ allow: ["a..test"] })).rejects.toMatchObject({ code: "bad_pattern" });
});
