import { expect, test } from "vitest";
import { RecentlyBuilt } from "./recently-built.ts";

test("what was used longest ago is dropped first, and a failed build is not kept", () => {
  const recent = new RecentlyBuilt<string>(2);
  const get = (key: string): string => recent.getOrBuild(key, () => `${key}${recent.builds}`);
  expect([get("a"), get("b"), get("a"), get("c"), get("a"), get("b")]).toEqual(["a0", "b1", "a0", "c2", "a0", "b3"]);
  const fail = (): string => {
    throw new Error("not now");
  };
  expect(() => recent.getOrBuild("d", fail)).toThrow("not now");
  expect([get("a"), get("d"), recent.builds]).toEqual(["a0", "d4", 5]);
  recent.clear();
  expect(get("a")).toBe("a5");
});
