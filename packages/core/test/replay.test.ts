import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createInProcessEffects } from "../src/effects/in-process-effects.ts";
import type { Effects } from "../src/ports/effects.ts";
import { createMemoryStore } from "../src/store/memory-store.ts";
import { createProbeTool } from "./fakes/probe-tool.ts";
import { ScriptedProvider } from "./fakes/scripted-provider.ts";
import { collect, only, Workbench } from "./fakes/workbench.ts";

/** What effects gave, by key; time and ids in the order they were asked for. JSON, as if it had been on disk. */
interface Recording {
  readonly results: Record<string, unknown>;
  readonly ids: string[];
}

function createRecordingEffects(recording: Recording): Effects {
  const real = createInProcessEffects();
  return {
    ...real,
    now: () => 1_700_000_000_000,
    id() {
      const id = real.id();
      recording.ids.push(id);
      return id;
    },
    async run(key, act) {
      if (key in recording.results) throw new Error(`the key ${key} was used twice`);
      const result = await act();
      recording.results[key] = result;
      return result;
    },
  };
}

function createReplayingEffects(recording: Recording): Effects {
  const real = createInProcessEffects();
  const ids = recording.ids.values();
  return {
    ...real,
    now: () => 1_700_000_000_000,
    id: () => ids.next().value ?? "none left",
    sleep: () => Promise.resolve(),
    async run<T>(key: string, _act: () => Promise<T>): Promise<T> {
      if (!(key in recording.results)) throw new Error(`the key ${key} was not recorded`);
      // The recording holds what the same key gave, which is of the same type.
      return recording.results[key] as T;
    },
  };
}

test("a recorded turn replays to the same entries, with no provider and no tool", async () => {
  await using bench = new Workbench();
  let runs = 0;
  const tools = [
    createProbeTool({
      execute: ({ value }) => {
        runs += 1;
        return { text: `${value} ${runs}`, isError: false };
      },
    }),
  ];
  const recording: Recording = { results: {}, ids: [] };
  const recorded = createMemoryStore();
  const first = await bench.open(
    [
      { failure: { code: "server", message: "no", retryAfterMs: 0 } },
      { text: "look", calls: ["a", "b", "c"].map((value) => ({ name: "Probe", input: { value } })) },
      { text: "done" },
    ],
    { tools, store: recorded, effects: createRecordingEffects(recording) },
  );
  await collect(first.session, "go");
  await first.session[Symbol.asyncDispose]();
  expect(runs).toBe(3);

  const provider = new ScriptedProvider([]);
  const replayed = createMemoryStore();
  const onDisk: Recording = JSON.parse(JSON.stringify(recording));
  const second = await bench.open(provider, { tools, store: replayed, effects: createReplayingEffects(onDisk) });
  const events = await collect(second.session, "go");
  expect(events.at(-1)).toMatchObject({ outcome: { kind: "complete", text: "done" } });
  expect(only(events, "tool-call-end")).toHaveLength(3);
  expect(provider.requests).toHaveLength(0);
  expect(runs).toBe(3);
  expect(second.session.id).toBe(first.session.id);
  expect(replayed.readEntries(second.session.id)).toEqual(recorded.readEntries(first.session.id));
  expect(replayed.readCalls(second.session.id)).toEqual(recorded.readCalls(first.session.id));
});

test("a recording replays the same system prompt, whatever has become of the project", async () => {
  await using bench = new Workbench();
  writeFileSync(join(bench.projectRoot, "AGENTS.md"), "Use tabs.");
  const recording: Recording = { results: {}, ids: [] };
  const recordingEffects = createRecordingEffects(recording);
  const first = await bench.open([{ text: "ok" }], { store: createMemoryStore(), effects: recordingEffects });
  await collect(first.session, "go");
  expect(first.provider.requests[0]?.system).toContain("Use tabs.");

  writeFileSync(join(bench.projectRoot, "AGENTS.md"), "Use spaces.");
  const replaying = createReplayingEffects(JSON.parse(JSON.stringify(recording)));
  const effects: Effects = {
    ...replaying,
    // The model alone is asked again, so that its request can be seen.
    run: (key, act) => (key.includes("/model/") ? act() : replaying.run(key, act)),
  };
  const second = await bench.open([{ text: "ok" }], { store: createMemoryStore(), effects });
  await collect(second.session, "go");
  expect(second.provider.requests[0]?.system).toBe(first.provider.requests[0]?.system);
});
