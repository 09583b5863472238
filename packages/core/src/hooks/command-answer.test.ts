import fc from "fast-check";
import { expect, test } from "vitest";
import { type CommandOutcome, parseCommandAnswer } from "./command-answer.ts";

const outcome = (stdout: string, changes: Partial<CommandOutcome> = {}): CommandOutcome => ({
  exitCode: 0,
  isTimedOut: false,
  stdout,
  output: stdout,
  ...changes,
});

test.each([
  ["nothing said lets it pass", outcome(""), { kind: "continue" }],
  ["plain text lets it pass", outcome("formatted 3 files"), { kind: "continue" }],
  ["an empty object lets it pass", outcome("{}\n"), { kind: "continue" }],
  ["an object can block", outcome('{"decision":"block","reason":"no"}'), { kind: "block", reason: "no" }],
  ["without a reason", outcome(' {"decision":"block"}'), { kind: "block", reason: "no reason given" }],
  ["an object can change the input", outcome('{"input":{"a":1}}'), { kind: "change", input: { a: 1 } }],
  [
    "a block goes before a change",
    outcome('{"input":{"a":1},"decision":"block","reason":"no"}'),
    { kind: "block", reason: "no" },
  ],
  [
    "status 2 blocks with what was printed",
    outcome("", { exitCode: 2, output: "not on main\n" }),
    { kind: "block", reason: "not on main" },
  ],
  [
    "status 2 blocks whatever stdout says",
    outcome('{"decision":"continue"}', { exitCode: 2 }),
    { kind: "block", reason: '{"decision":"continue"}' },
  ],
  ["status 2 without a word", outcome("", { exitCode: 2 }), { kind: "block", reason: "no reason given" }],
])("%s", (_rule, given, answer) => {
  expect(parseCommandAnswer(given)).toEqual(answer);
});

test.each([
  ["another status", outcome("", { exitCode: 1 })],
  ["a signal", outcome("", { exitCode: null })],
  ["too long", outcome("", { isTimedOut: true, exitCode: null })],
  ["too long, though it was orderly", outcome("", { isTimedOut: true })],
  ["half an object", outcome('{"decision":"blo')],
  ["a decision that is none", outcome('{"decision":"deny"}')],
  ["a misspelt field", outcome('{"desicion":"block"}')],
  ["an input that is no object", outcome('{"input":[1]}')],
])("%s is no answer", (_rule, given) => {
  expect(() => parseCommandAnswer(given)).toThrow();
});

test("whatever a command prints, only status 0 lets pass", () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 1, max: 255 }), (stdout, exitCode) => {
      const kind = ((): string => {
        try {
          return parseCommandAnswer(outcome(stdout, { exitCode })).kind;
        } catch {
          return "failed";
        }
      })();
      expect(kind).toBe(exitCode === 2 ? "block" : "failed");
    }),
  );
});
