import { expect, test } from "vitest";
import { createOpenAi, recordingFetch } from "../src/index.ts";
import { openScriptedServer, type ScriptStep } from "../src/testing/scripted-server.ts";
import { collect, failureOf } from "./collect.ts";

test.each<{ how: string; step: ScriptStep }>([
  { how: "a whole answer", step: { text: "one two" } },
  { how: "a cut answer", step: { text: "one two", fault: { kind: "cut" } } },
  { how: "an answer without its end mark", step: { text: "one two", fault: { kind: "no-end" } } },
])("a full disk ends $how with the cassette's name, and the recording with it", async ({ step }) => {
  await using server = await openScriptedServer([step, step]);
  const fetching = recordingFetch("/dev/full");
  const provider = createOpenAi({ apiKey: "k", baseUrl: server.baseUrl, model: "m", fetch: fetching });
  const outcomes = [await collect(provider), await collect(provider)];
  for (const outcome of outcomes) {
    expect(failureOf(outcome)).toMatchObject({
      code: "bad_cassette",
      message: expect.stringMatching(/^cannot write the cassette \/dev\/full: ENOSPC/),
    });
  }
  expect(server.requests()).toHaveLength(1);
});
