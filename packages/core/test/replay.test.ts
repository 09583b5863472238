import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createInProcessEffects } from "../src/effects/in-process-effects.ts";
import { recordEffects } from "../src/effects/record-effects.ts";
import { createEffectRecording, type EffectRecording } from "../src/effects/recording.ts";
import { replayEffects } from "../src/effects/replay-effects.ts";
import type { EngineEvent } from "../src/events/engine-event.ts";
import { HookEngine } from "../src/hooks/hook-engine.ts";
import type { Effects } from "../src/ports/effects.ts";
import { createMemoryStore } from "../src/store/memory-store.ts";
import { createProbeTool } from "./fakes/probe-tool.ts";
import { ScriptedProvider } from "./fakes/scripted-provider.ts";
import { collect, only, Workbench } from "./fakes/workbench.ts";

/** A clock that stands still: how often it is asked outside of a turn depends on how long the turn takes. */
function createStoppedEffects(): Effects {
  const nowMs = Date.now();
  return { ...createInProcessEffects(), now: () => nowMs };
}

/** As if it had been on disk in between. */
const fromDisk = (recording: EffectRecording): EffectRecording => JSON.parse(JSON.stringify(recording));

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
  const recording = createEffectRecording();
  const recorded = createMemoryStore();
  const first = await bench.open(
    [
      { failure: { code: "server", message: "no", retryAfterMs: 0 } },
      { text: "look", calls: ["a", "b", "c"].map((value) => ({ name: "Probe", input: { value } })) },
      { text: "done" },
    ],
    { tools, store: recorded, effects: recordEffects(createStoppedEffects(), recording) },
  );
  await collect(first.session, "go");
  await first.session[Symbol.asyncDispose]();
  expect(runs).toBe(3);

  const provider = new ScriptedProvider([]);
  const replayed = createMemoryStore();
  const second = await bench.open(provider, { tools, store: replayed, effects: replayEffects(fromDisk(recording)) });
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
  const recording = createEffectRecording();
  const recordingEffects = recordEffects(createStoppedEffects(), recording);
  const first = await bench.open([{ text: "ok" }], { store: createMemoryStore(), effects: recordingEffects });
  await collect(first.session, "go");
  expect(first.provider.requests[0]?.system).toContain("Use tabs.");

  writeFileSync(join(bench.projectRoot, "AGENTS.md"), "Use spaces.");
  const replaying = replayEffects(fromDisk(recording));
  const effects: Effects = {
    ...replaying,
    // The model alone is asked again, so that its request can be seen.
    run: (key, act) => (key.includes("/model/") ? act() : replaying.run(key, act)),
  };
  const second = await bench.open([{ text: "ok" }], { store: createMemoryStore(), effects });
  await collect(second.session, "go");
  expect(second.provider.requests[0]?.system).toBe(first.provider.requests[0]?.system);
});

test("a replayed turn has the same keys, times and events, with questions, hooks, context, a plan and a call run outside", async () => {
  await using bench = new Workbench();
  const acts: string[] = [];
  const tools = [
    createProbeTool({
      execute: () => {
        acts.push("tool");
        return { text: "probed", isError: false };
      },
    }),
    createProbeTool({ name: "Drop", effect: "destructive" }),
  ];
  const hooks = new HookEngine();
  hooks.register({
    name: "guard",
    event: "before-tool",
    role: "guard",
    run: async () => {
      acts.push("hook");
      return { kind: "continue" };
    },
  });
  const contextProviders = [
    {
      name: "notes",
      query: async () => {
        acts.push("context");
        return [{ type: "memory", source: "notes", text: "tabs, not spaces" } as const];
      },
    },
  ];
  const options = { tools, hooks: [hooks], contextProviders, isPlanning: true, hasMemory: true };
  const run = async (effects: Effects, llm: ScriptedProvider) => {
    const store = createMemoryStore();
    const { session } = await bench.open(llm, { ...options, store, effects });
    session.lanes.setHandler("execute", { mode: "external", timeoutMs: 60_000 });
    const events: EngineEvent[] = [];
    session.subscribe((event) => {
      events.push(event);
      if (event.type === "approval-request") {
        queueMicrotask(() => session.send({ type: "approve", requestId: event.requestId, scope: "once" }));
      }
      if (event.type === "external-task") {
        queueMicrotask(() =>
          session.send({ type: "complete-task", taskId: event.taskId, text: "dropped", isError: false }),
        );
      }
    });
    for (const prompt of ["one", "two"]) await collect(session, prompt);
    await session[Symbol.asyncDispose]();
    return { entries: store.readEntries(session.id), calls: store.readCalls(session.id), events };
  };
  const plan = { text: '{"goal":"all","steps":[{"text":"look"},{"text":"drop"}]}' };
  const call = (name: string) => ({ text: name, calls: [{ name, input: { value: "x" } }] });
  const recording = createEffectRecording();
  const provider = new ScriptedProvider([plan, call("Probe"), call("Drop"), { text: "done" }, plan, { text: "again" }]);
  const recorded = await run(recordEffects(createStoppedEffects(), recording), provider);
  expect(recorded.events.filter(({ type }) => type === "turn-end")).toMatchObject([
    { outcome: { kind: "complete", text: "done" } },
    { outcome: { kind: "complete", text: "again" } },
  ]);
  expect(acts).toEqual(["context", "hook", "tool", "hook", "context"]);

  acts.length = 0;
  const nobody = new ScriptedProvider([]);
  const again = createEffectRecording();
  const replayed = await run(recordEffects(replayEffects(fromDisk(recording)), again), nobody);
  expect(replayed.entries).toEqual(recorded.entries);
  expect(replayed.calls).toEqual(recorded.calls);
  expect(nobody.requests).toEqual([]);
  expect(acts).toEqual([]);
  expect(Object.keys(again.results)).toEqual(Object.keys(recording.results));
  expect(again.ids).toEqual(recording.ids);
});

test("a turn that is not the recorded one is not replayed into something else: it ends with an error", async () => {
  await using bench = new Workbench();
  const recording = createEffectRecording();
  const effects = recordEffects(createStoppedEffects(), recording);
  const first = await bench.open([{ text: "ok" }], { store: createMemoryStore(), effects });
  await collect(first.session, "go");
  const second = await bench.open([], { store: createMemoryStore(), effects: replayEffects(fromDisk(recording)) });
  await collect(second.session, "go");
  const events = await collect(second.session, "and then?").catch((error: unknown) => error);
  expect(events).toMatchObject({ code: "bad_option" });
});
