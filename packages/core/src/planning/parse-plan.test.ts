import fc from "fast-check";
import { expect, test } from "vitest";
import { parsePlan } from "./parse-plan.ts";

const whole = {
  goal: "the tests pass",
  complexity: "high",
  steps: [
    { id: "look", text: "read the failing test", tool: "Read", dependencies: [], criteria: ["the cause is known"] },
    { id: 2, text: "fix it", dependencies: ["look"] },
  ],
};

test("a plan is read with its goal, complexity, steps, dependencies and criteria", () => {
  expect(parsePlan(JSON.stringify(whole))).toEqual({
    goal: "the tests pass",
    complexity: "high",
    steps: [
      {
        id: "look",
        text: "read the failing test",
        tool: "Read",
        dependencies: [],
        criteria: ["the cause is known"],
        status: "pending",
      },
      { id: "2", text: "fix it", tool: null, dependencies: ["look"], criteria: [], status: "pending" },
    ],
  });
});

test("a plan in prose or a code block is read too", () => {
  expect(
    parsePlan(`Here is my plan:\n\`\`\`json\n${JSON.stringify(whole, null, 2)}\n\`\`\`\nShall I?`)?.steps,
  ).toHaveLength(2);
});

test("steps without an id are numbered by their place, and an unknown complexity is medium", () => {
  const plan = parsePlan(
    '{"goal":"g","complexity":"huge","steps":[{"text":"a"},{"id":null,"text":"b","dependencies":[1]}]}',
  );
  expect(plan?.complexity).toBe("medium");
  expect(plan?.steps.map(({ id, dependencies }) => [id, dependencies])).toEqual([
    ["1", []],
    ["2", ["1"]],
  ]);
});

test.each([
  ["an empty answer", ""],
  ["prose", "First I read, then I write."],
  ["broken JSON", '{"goal": "g", "steps": ['],
  ["no steps", '{"goal":"g","steps":[]}'],
  ["no goal", '{"steps":[{"text":"a"}]}'],
  ["a step without text", '{"goal":"g","steps":[{"text":" "}]}'],
  ["steps that are no list", '{"goal":"g","steps":"a, b"}'],
  ["two steps of one id", '{"goal":"g","steps":[{"id":"a","text":"x"},{"id":"a","text":"y"}]}'],
  ["more than 50 steps", JSON.stringify({ goal: "g", steps: Array.from({ length: 51 }, () => ({ text: "x" })) })],
])("%s is no plan", (_case, answer) => {
  expect(parsePlan(answer)).toBeNull();
});

test("whatever a model answers is a plan with steps of different ids, or none; never a failure", () => {
  const anyAnswer = fc.oneof(
    fc.string(),
    fc.json(),
    fc
      .record({
        goal: fc.anything(),
        complexity: fc.anything(),
        steps: fc.array(fc.record({ id: fc.anything(), text: fc.string() })),
      })
      .map((value) => JSON.stringify(value) ?? ""),
  );
  fc.assert(
    fc.property(anyAnswer, (answer) => {
      const plan = parsePlan(answer);
      if (plan !== null) expect(new Set(plan.steps.map(({ id }) => id)).size).toBe(plan.steps.length);
    }),
  );
});
