import fc from "fast-check";
import { expect, test } from "vitest";
import type { HookPayload } from "./hook-payload.ts";
import { toCutPayloadWord, toPayloadWord } from "./payload-text.ts";

const withInput = (input: unknown): HookPayload => ({
  event: "before-tool",
  sessionId: "s1",
  turnId: "t1",
  callId: "c1",
  projectRoot: "/project",
  name: "Write",
  input,
  subject: "a",
  paths: [],
  command: null,
});

const unquote = (word: string): unknown => JSON.parse(word.slice(1, -1).replaceAll("'\\''", "'"));

test("what fits is whole, for everyone", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.string(), (input, text) => {
      const payload = withInput({ input, text });
      const word = toPayloadWord(payload);
      expect(unquote(word ?? "")).toEqual(JSON.parse(JSON.stringify(payload)));
      expect(toCutPayloadWord(payload)).toBe(word);
    }),
  );
});

test.each([
  ["one long text", { text: "x".repeat(100_000) }],
  ["quotes, which grow", { text: "'".repeat(20_000) }],
  ["many texts", { texts: Array.from({ length: 60 }, () => "y".repeat(2000)) }],
  ["more texts than can be cut", { texts: Array.from({ length: 20_000 }, () => "zzzz") }],
])("%s: what does not fit is cut to fit, says so, and is never whole", (_case, input) => {
  const payload = withInput(input);
  expect(toPayloadWord(payload)).toBeNull();
  const word = toCutPayloadWord(payload);
  expect(Buffer.byteLength(word)).toBeLessThanOrEqual(64 * 1024);
  expect(unquote(word)).toMatchObject({ event: "before-tool", sessionId: "s1", isCut: true });
});
