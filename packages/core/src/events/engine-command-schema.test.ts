import fc from "fast-check";
import { expect, test } from "vitest";
import type { EngineCommand } from "./engine-command.ts";
import { engineCommandSchema } from "./engine-command-schema.ts";

/** Each tag with every field that it can have: a tag that is missing here does not compile. */
const commands: { readonly [Tag in EngineCommand["type"]]: Required<Extract<EngineCommand, { type: Tag }>> } = {
  approve: { type: "approve", requestId: "r", scope: "always" },
  reject: { type: "reject", requestId: "r", feedback: "not that one" },
  "grant-steps": { type: "grant-steps", requestId: "r", steps: 50 },
  steer: { type: "steer", text: "also this", inputId: "i", boundary: "next-turn" },
  withdraw: { type: "withdraw", inputId: "i" },
  "complete-task": { type: "complete-task", taskId: "t", text: "done", isError: false },
  pause: { type: "pause" },
  resume: { type: "resume" },
  "set-mode": { type: "set-mode", mode: "safe" },
  cancel: { type: "cancel" },
};

test.each(Object.values(commands))("$type is read as itself, from memory and from JSON", (command) => {
  expect(engineCommandSchema.parse(command)).toEqual(command);
  expect(engineCommandSchema.parse(JSON.parse(JSON.stringify(command)))).toEqual(command);
});

test.each([
  { type: "steer", text: "also this" },
  { type: "reject", requestId: "r" },
])("%o needs no more", (command) => {
  expect(engineCommandSchema.parse(command)).toEqual(command);
});

test.each([
  { type: "approve", requestId: "r" },
  { type: "approve", requestId: "r", scope: "forever" },
  { type: "grant-steps", requestId: "r", steps: 51 },
  { type: "set-mode", mode: "root" },
  { type: "quit" },
])("%o is refused", (command) => {
  expect(engineCommandSchema.safeParse(command).success).toBe(false);
});

test("what is no command is refused", () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      expect(engineCommandSchema.safeParse(value).success).toBe(false);
    }),
  );
});
