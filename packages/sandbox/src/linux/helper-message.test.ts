import { expect, test } from "vitest";
import { parseHelperMessage } from "./helper-message.ts";

const messages = [
  { kind: "ready", pid: 7 },
  { kind: "listening", name: "http", port: 8080 },
  { kind: "failed", name: "http", message: "in use", code: "EADDRINUSE" },
] as const;

test.each(messages)("what a helper sends is read: $kind", (message) => {
  expect(parseHelperMessage({ ...message, more: 1 })).toEqual(message);
});

test.each(messages)("without any one of its fields it is none: $kind", (message) => {
  for (const name of Object.keys(message)) {
    expect(parseHelperMessage({ ...message, [name]: undefined })).toBeNull();
    expect(parseHelperMessage({ ...message, [name]: {} })).toBeNull();
  }
});

test.each([[undefined], [null], ["ready"], [7], [[]], [{}]])("%j is none", (raw) => {
  expect(parseHelperMessage(raw)).toBeNull();
});
