import { expect, test } from "vitest";
import { parseDialAnswer } from "./dial-answer.ts";

const answers = [
  { kind: "ready" },
  { kind: "connected", id: 1, address: "127.0.0.1" },
  { kind: "connected", id: 1, address: "::1" },
  { kind: "failed", id: 1, code: "ECONNREFUSED" },
] as const;

test.each(answers)("what a helper answers is read: %j", (answer) => {
  expect(parseDialAnswer({ ...answer, more: 1 })).toEqual(answer);
});

test.each(answers)("without any one of its fields it is no answer: %j", (answer) => {
  for (const name of Object.keys(answer)) expect(parseDialAnswer({ ...answer, [name]: undefined })).toBeNull();
});

test.each([[null], ["ready"], [[]], [{ kind: "connected", id: 1, address: "8.8.8.8" }]])("%j is none", (raw) => {
  expect(parseDialAnswer(raw)).toBeNull();
});
