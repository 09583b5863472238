import { expect, test } from "vitest";
import { type PinQuestion, pinProvider } from "./pin-provider.ts";

const ask = (recordedId: string | null, offered: string | null, rebind = false): PinQuestion => ({
  sessionId: "s-1",
  recordedId,
  offered: offered === null ? null : { id: offered },
  rebind,
});

test.each([
  ["none recorded, one offered", ask(null, "b"), { kind: "bound", providerId: "b" }],
  ["the recorded one", ask("a", "a"), { kind: "kept", providerId: "a" }],
  ["the recorded one, though another was asked for", ask("a", "a", true), { kind: "kept", providerId: "a" }],
  ["another one, asked for", ask("a", "b", true), { kind: "rebound", providerId: "b", previousId: "a" }],
])("%s: the session goes on", (_title, question, pin) => {
  expect(pinProvider(question)).toEqual(pin);
});

test.each([
  ["provider_unconfigured", ask(null, null), ["s-1"]],
  ["provider_unconfigured", ask(null, null, true), ["s-1"]],
  ["provider_unavailable", ask("a-id", null), ["s-1", '"a-id"']],
  ["provider_unavailable", ask("a-id", null, true), ["s-1", '"a-id"']],
  ["provider_mismatch", ask("a-id", "b-id"), ["s-1", '"a-id"', '"b-id"']],
  ["provider_mismatch", ask("a-id", "A-id"), ["s-1", '"a-id"', '"A-id"']],
])("%s names what it is about", (code, question, named) => {
  expect(() => pinProvider(question)).toThrow(expect.objectContaining({ code }));
  for (const name of named) expect(() => pinProvider(question)).toThrow(name);
});
