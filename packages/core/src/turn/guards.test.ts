import fc from "fast-check";
import { expect, test } from "vitest";
import { countRepeats, fingerprintCall, noRepeats } from "./guards.ts";

/** The verdicts of steps that follow each other. */
function judge(steps: readonly string[][]): string[] {
  let state = noRepeats;
  return steps.map((fingerprints) => {
    const result = countRepeats(state, fingerprints);
    state = result.state;
    return result.verdict;
  });
}

test.each([
  [
    [["a"], ["a"], ["a"], ["a"]],
    ["go-on", "go-on", "go-on", "go-on"],
  ],
  [
    [["a"], ["a"], ["a"], ["a"], ["a"], ["a"]],
    ["go-on", "go-on", "go-on", "go-on", "step-back", "stop"],
  ],
  [
    [["a", "a", "a", "a", "a"], ["b"], ["a"]],
    ["step-back", "go-on", "go-on"],
  ],
  [
    [
      ["a", "a", "a", "a", "a"],
      ["a", "b"],
    ],
    ["step-back", "stop"],
  ],
  [
    [["a", "a", "a", "a", "b"], ["a"]],
    ["go-on", "go-on"],
  ],
  [
    [
      ["a", "a"],
      ["a", "a", "a"],
    ],
    ["go-on", "step-back"],
  ],
  [[["a"], ["b"], ["a"], ["b"], ["a"], ["b"]], Array(6).fill("go-on")],
])("%j is judged %j", (steps, verdicts) => {
  expect(judge(steps)).toEqual(verdicts);
});

test("calls that differ are never held against a model", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string(), { maxLength: 40 }), (fingerprints) => {
      expect(judge(fingerprints.map((fingerprint) => [fingerprint]))).not.toContain("stop");
    }),
  );
});

test("the order of keys makes no difference to a fingerprint; names, values and the order of lists do", () => {
  const base = fingerprintCall("Read", '{"a":{"x":1,"y":[1,2]},"b":2}');
  expect(fingerprintCall("Read", '{ "b": 2, "a": {"y":[1,2],"x":1} }')).toBe(base);
  expect(fingerprintCall("Read", '{"a":{"x":1,"y":[2,1]},"b":2}')).not.toBe(base);
  expect(fingerprintCall("Write", '{"a":{"x":1,"y":[1,2]},"b":2}')).not.toBe(base);
});

test("arguments that are not JSON have a fingerprint too", () => {
  expect(fingerprintCall("Read", "{")).toBe(fingerprintCall("Read", "{"));
});
