import assert from "node:assert/strict";
import type { Store } from "../store/store.ts";
import {
  openWriter,
  projectRoot,
  sampleAnswer,
  sampleConnection,
  samplePrompt,
  sampleResult,
  sampleSession,
  sampleUsage,
} from "./sample-records.ts";
import { assertRefused, type StoreConformanceCase, toCase } from "./store-conformance-case.ts";

/** A word of no list, as a caller without types could give it. */
// biome-ignore lint/suspicious/noExplicitAny: what no type lets through is what these cases are about
const odd: any = "berserk";

const wait = { key: "k", turnId: "t1", callId: null, kind: "question", payloadJson: "{}", deadlineMs: null } as const;
const input = { id: "i1", sessionId: "s1", text: "x", boundary: "next-turn", createdAtMs: 3000 } as const;
const task = { id: "1", text: "do", status: "pending", priority: "low" } as const;
const memory = {
  id: "m1",
  projectRoot,
  text: "a",
  importance: 0.5,
  kind: "semantic",
  tags: ["b"],
  createdAtMs: 1,
  accessCount: 0,
  accessedAtMs: 1,
} as const;
const hook = {
  name: "lint",
  event: "after-tool",
  role: "observer",
  order: 1,
  timeoutMs: 1,
  matcherJson: "{}",
  command: "x",
} as const;

/** What is kept, and what is not. */
export const valueCases: readonly StoreConformanceCase[] = [
  toCase("a number that is none and a word of no list are refused, and change nothing", (store) => {
    const writer = openWriter(store, "s1");
    store.appendEntry(writer, sampleAnswer("s1", "e1", null, ["c1"]));
    const picture = (): unknown => [
      store.readSession("s1"),
      store.readEntries("s1"),
      store.readCalls("s1"),
      store.listConnections("s1"),
      store.readUsage("s1"),
      store.listAudit("s1"),
      store.listInputs("s1"),
      store.readWait("k"),
      store.readTasks("s1"),
      store.listMemories(projectRoot),
      store.listPermissionRules(projectRoot),
      store.listHostRules(projectRoot),
      store.listHooks(projectRoot),
    ];
    const before = picture();
    const audit = { kind: "k", severity: "info", action: "noted", text: "x", createdAtMs: 3000 } as const;
    const acts: readonly (() => unknown)[] = [
      () => store.createSession(sampleSession("s2", { createdAtMs: Number.NaN })),
      () => store.createSession(sampleSession("s2", { mode: odd })),
      () => store.createSession(sampleSession("s2", { state: odd })),
      () => store.changeSession(writer, { mode: odd }, 3000),
      () => store.changeSession(writer, { state: odd }, 3000),
      () => store.changeSession(writer, { turnCount: Number.NaN }, 3000),
      () => store.appendEntry(writer, { ...samplePrompt("s1", "e2", "e1"), createdAtMs: Number.NaN }),
      () => store.decideCall(writer, "c1", { kind: odd, reason: "" }, 3000),
      () => store.startCall(writer, "c1", Number.NaN, 3000),
      () => store.finishCall(writer, "c1", { ...sampleResult, outcome: odd }, 3000),
      () => store.finishCall(writer, "c1", { ...sampleResult, origin: odd }, 3000),
      () => store.finishCall(writer, "c1", sampleResult, Number.NaN),
      () => store.recordConnection(writer, { ...sampleConnection, protocol: odd }, 3000),
      () => store.recordConnection(writer, { ...sampleConnection, verdict: odd }, 3000),
      () => store.recordConnection(writer, { ...sampleConnection, port: Number.NaN }, 3000),
      () => store.recordUsage(writer, sampleUsage({ outcome: odd })),
      () => store.recordUsage(writer, sampleUsage({ createdAtMs: Number.NaN })),
      () => store.recordAudit(writer, { ...audit, severity: odd }),
      () => store.recordAudit(writer, { ...audit, createdAtMs: Number.NaN }),
      () => store.addInput({ ...input, boundary: odd }),
      () => store.addInput({ ...input, createdAtMs: Number.NaN }),
      () => store.openWait(writer, { ...wait, kind: odd, createdAtMs: 3000 }),
      () => store.openWait(writer, { ...wait, createdAtMs: Number.NaN }),
      () => store.writeTasks(writer, [{ ...task, status: odd }], 3000),
      () => store.writeTasks(writer, [{ ...task, priority: odd }], 3000),
      () => store.writeTasks(writer, [task], Number.NaN),
      () => store.addMemory({ ...memory, kind: odd }),
      () => store.addMemory({ ...memory, createdAtMs: Number.NaN }),
      () => store.addMemory({ ...memory, importance: Number.NaN }),
      () => store.addPermissionRule(projectRoot, { verdict: odd, text: "x" }, 1),
      () => store.addHostRule(projectRoot, { verdict: odd, pattern: "x" }, 1),
      () => store.addHook(projectRoot, { ...hook, role: odd }, 1),
      () => store.addHook(projectRoot, { ...hook, order: Number.NaN }, 1),
    ];
    for (const act of acts) assertRefused("store_rejected", act);
    assert.deepEqual(picture(), before);
    assert.equal(store.readSession("s2"), null);
  }),

  toCase("what was given or handed out is not what is kept: changing it changes nothing", (store) => {
    const writer = openWriter(store, "s1");
    const answer = structuredClone(sampleAnswer("s1", "e1", null, ["c1"]));
    const result = structuredClone(sampleResult);
    const tasks = [{ ...task }];
    const fact = structuredClone(memory);
    const server = { name: "files", command: "npx", args: ["-y"], env: { A: "1" } };
    store.appendEntry(writer, answer);
    store.finishCall(writer, "c1", result, 3000);
    store.writeTasks(writer, tasks, 3000);
    store.addMemory(fact);
    store.addMcpServer(server, 1);
    const read = (): readonly unknown[] => readAll(store);
    const before = structuredClone(read());
    for (const value of [answer, result, tasks, fact, server, ...read()]) spoil(value);
    assert.deepEqual(read(), before);
  }),

  toCase("what is written together cannot wait: a promise is refused, and all of it is taken back", (store) => {
    const writer = openWriter(store, "s1");
    assertRefused("store_rejected", () =>
      store.together(() => {
        store.appendEntry(writer, samplePrompt("s1", "e1", null));
        return Promise.resolve();
      }),
    );
    assert.deepEqual(store.readEntries("s1"), []);
    store.appendEntry(writer, samplePrompt("s1", "e1", null));
  }),
];

function readAll(store: Store): readonly unknown[] {
  return [
    store.readSession("s1"),
    store.readEntry("e1"),
    store.readEntries("s1"),
    store.readCalls("s1"),
    store.readCallsOf("e1"),
    store.readTasks("s1"),
    store.listMemories(projectRoot),
    store.listMcpServers(),
  ];
}

/** Changes whatever can be changed in a value. */
function spoil(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  for (const [name, item] of Object.entries(value)) {
    spoil(item);
    // One that is frozen is not changed, which is as good.
    if (typeof item === "string") Reflect.set(value, name, "spoilt");
  }
  if (Array.isArray(value) && !Object.isFrozen(value)) value.length = 0;
}
