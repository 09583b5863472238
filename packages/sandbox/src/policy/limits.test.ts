import { expect, test } from "vitest";
import { composeLimits, createLimits, defaultLimits, type ResourceLimits } from "./limits.ts";

const none = createLimits({ processes: null, openFiles: null });

test("an absent limit is the default, null is none", () => {
  expect(createLimits({})).toEqual(defaultLimits);
  expect(createLimits({ processes: undefined })).toEqual(defaultLimits);
  expect(Object.values(none)).toEqual([null, null, null, null, null, null, null]);
  expect(Object.isFrozen(createLimits({ cpus: 0.5 }))).toBe(true);
});

test.each([
  ["memoryBytes", 0, "found 0, wanted a positive whole number or null"],
  ["processes", 1.5, "found 1.5, wanted a positive whole number or null"],
  ["wallMs", Number.POSITIVE_INFINITY, "found Infinity"],
  ["fileBytes", 2 ** 53, "found 9007199254740992"],
  ["openFiles", "7", 'found "7"'],
  ["cpus", Number.NaN, "found NaN, wanted a positive number or null"],
  ["cpus", -1, "found -1"],
  ["memory", 1, 'unknown limit "memory": one of memoryBytes, processes'],
  ["__proto__x", 1, "unknown limit"],
])("%s: %s is refused", (name, value, message) => {
  const given = { [name]: value } as Partial<ResourceLimits>;
  expect(() => createLimits(given)).toThrow(
    expect.objectContaining({ code: "bad_policy", message: expect.stringContaining(message) }),
  );
});

test("of two sets of limits the tighter one holds, name by name", () => {
  const a = createLimits({ processes: 10, cpus: 1.5, wallMs: null });
  const b = createLimits({ processes: 20, cpus: 0.5, wallMs: 9 });
  expect(composeLimits(a, b)).toMatchObject({ processes: 10, cpus: 0.5, wallMs: 9, memoryBytes: null });
  expect(composeLimits(b, a)).toEqual(composeLimits(a, b));
  expect(composeLimits(none, none)).toEqual(none);
});
