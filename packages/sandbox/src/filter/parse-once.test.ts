import { expect, test } from "vitest";
import { createFilter, type FilterRules } from "./filter.ts";
import { parseOnce } from "./parse-once.ts";
import { parseAuthority } from "./target.ts";

/** Rules that count how often somebody reads them. */
function countedRules(allow: readonly string[]): FilterRules & { readonly reads: number } {
  let reads = 0;
  return Object.defineProperty(
    {
      get allow() {
        reads += 1;
        return allow;
      },
      reads,
    },
    "reads",
    { enumerable: false, get: () => reads },
  );
}

test("rules are parsed at the first call and not before, and every call gives the same filter", () => {
  const rules = countedRules(["a.test"]);
  const filter = parseOnce(rules);
  expect(rules.reads).toBe(0);
  expect(filter()).toBe(filter());
  expect(rules.reads).toBe(1);
});

test("a bad pattern fails at the first call, is parsed no second time, and opens nothing later", () => {
  const rules = countedRules(["a.test", "not a pattern"]);
  const filter = parseOnce(rules);
  const errors = [1, 2].map(() => {
    try {
      return filter();
    } catch (error) {
      return error;
    }
  });
  expect(errors[0]).toMatchObject({ code: "bad_pattern", message: expect.stringContaining("not a pattern") });
  expect(errors[1]).toBe(errors[0]);
  expect(rules.reads).toBe(1);
});

test("layering parses the new rules and none of the old", () => {
  const rules = countedRules(Array.from({ length: 10_000 }, (_, at) => `h${at}.test`));
  const base = createFilter(rules);
  for (let session = 0; session < 1_000; session += 1) {
    const own = countedRules([`own${session}.test`]);
    const layered = base.layer(own);
    expect(own.reads).toBe(1);
    expect(layered.size).toBe(10_001);
    expect(layered.decide(parseAuthority("h9999.test:443")).kind).toBe("allow");
  }
  expect(rules.reads).toBe(1);
});

test("a list that its owner changes later changes no filter", () => {
  const allow = ["a.test"];
  const filter = createFilter({ allow });
  allow.push("b.test");
  expect(filter.decide(parseAuthority("b.test:443")).kind).toBe("deny");
  expect(filter.layer({}).decide(parseAuthority("b.test:443")).kind).toBe("deny");
});
