/**
 * A program that embeds Koda: its own model, tool and store; it is asked, answers and speaks up while a turn runs, replays
 * that turn without model and tool, and moves the session to another store. It checks itself and says what it did.
 */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createEffectRecording,
  createInProcessEffects,
  createMemoryStore,
  type Effects,
  type EngineEvent,
  type Entry,
  exportSession,
  findGrammarFault,
  importSession,
  KodaAgent,
  type KodaSession,
  type LlmProvider,
  openSession,
  recordEffects,
  replayEffects,
  type Store,
} from "@koda/core";
import { storeConformanceCases } from "@koda/core/store-conformance";
import { createModel } from "./create-model.ts";
import { createPublishTool } from "./create-publish-tool.ts";
import { createLineStore } from "./line-store.ts";

const directory = mkdtempSync(join(tmpdir(), "koda-embed-"));

async function main(): Promise<void> {
  await checkStore();

  // A turn in which the program is asked, and says something of its own.
  const path = join(directory, "entries.jsonl");
  const store = createLineStore(path);
  const recording = createEffectRecording();
  const board: string[] = [];
  const effects = recordEffects(createInProcessEffects(), recording);
  const first = await runOneTurn({ store, effects, board, provider: createModel() });
  assert.deepEqual(board, ["We ship on Friday."]);
  assert.equal(first.answer, "DONE: PUBLISHED AS NOTE 1.");
  console.log(`turn: ${first.events.map(({ type }) => type).join(" ")}`);
  console.log(`answer: ${first.answer}`);

  // The store has kept it, and so has the file beside it.
  const entries = store.readEntries(first.sessionId);
  const lines: Entry[] = readFileSync(path, "utf8").trimEnd().split("\n").map(toEntry);
  assert.deepEqual(lines, entries);
  console.log(`kept: ${entries.map(({ content }) => content.kind).join(" ")}`);

  // The same turn again from the recording: nobody is asked, and nothing is published.
  const onDisk = JSON.parse(JSON.stringify(recording));
  const replayed = createMemoryStore();
  const second = await runOneTurn({ store: replayed, effects: replayEffects(onDisk), board, provider: silentModel });
  assert.equal(second.answer, first.answer);
  assert.deepEqual(replayed.readEntries(second.sessionId).map(withoutTime), entries.map(withoutTime));
  assert.equal(board.length, 1);
  console.log(`replay: ${second.answer}`);

  // And the session as it is, in a store somewhere else.
  const exported = [...exportSession(store, first.sessionId)];
  const elsewhere = createMemoryStore();
  importSession(elsewhere, exported, { id: () => crypto.randomUUID(), nowMs: Date.now() });
  assert.deepEqual(elsewhere.readEntries(first.sessionId), entries);
  const exportedAgain = [...exportSession(elsewhere, first.sessionId)];
  assert.deepEqual(exportedAgain.map(toValue), exported.map(toValue));
  console.log(`export: ${exported.length} lines`);
}

/** Whoever writes a store runs the kit: it holds what sessions rely on, one rule each. */
async function checkStore(): Promise<void> {
  let opened = 0;
  for (const { title, run } of storeConformanceCases) {
    try {
      await run(() => createLineStore(join(directory, `store-${++opened}.jsonl`)));
    } catch (error) {
      throw new Error(`the store breaks a rule: ${title}`, { cause: error });
    }
  }
  console.log("store: conforms to the kit");
}

interface TurnParts {
  readonly store: Store;
  readonly effects: Effects;
  readonly board: string[];
  readonly provider: LlmProvider;
}

async function runOneTurn({ store, effects, board, provider }: TurnParts) {
  await using session = await openSession({
    agent: KodaAgent.create({
      projectRoot: directory,
      tools: [createPublishTool(board)],
      systemPrompt: "You look after the team's board.",
    }),
    store,
    provider,
    effects,
    // No tool here runs commands. One of @koda/sandbox confines them.
    runner: { enforcement: "none", run: () => Promise.reject(new Error("no commands here")) },
    pathGuard: { check: () => ({ kind: "allow" }) },
    mode: "safe",
    proxy: null,
    socks5Proxy: null,
    approvals: "ask",
  });
  session.subscribe((event) => takePart(session, event));
  const events: EngineEvent[] = [];
  for await (const event of session.runTurn("We ship on Friday.")) events.push(event);
  assert.equal(findGrammarFault(events), null);
  const end = events.at(-1);
  assert.ok(end?.type === "turn-end" && end.outcome.kind === "complete", JSON.stringify(end));
  return { sessionId: session.id, events, answer: end.outcome.text };
}

/** Agrees to what it is asked, by the id of the question, and says something on the way. */
function takePart(session: KodaSession, event: EngineEvent): void {
  if (event.type !== "approval-request") return;
  assert.equal(event.subject, "We ship on Friday.");
  const said = { type: "steer", text: "Say it loudly.", inputId: "said-1" } as const;
  assert.equal(session.send(said), true);
  assert.equal(session.send(said), false, "the same input counts once");
  session.send({ type: "approve", requestId: event.requestId, scope: "once" });
  assert.equal(session.send({ type: "reject", requestId: event.requestId }), false, "the first answer stands");
}

/** Whoever replays a turn asks no model. */
const silentModel: LlmProvider = {
  id: "house",
  model: "house-1",
  contextWindow: 32_000,
  stream: () => {
    throw new Error("a replay asked the model");
  },
};

const toValue = (line: string): unknown => JSON.parse(line);

const toEntry = (line: string): Entry => JSON.parse(line);

/** Times come in the order in which they are asked for, and a timer may ask between two entries. */
const withoutTime = ({ createdAtMs: _, ...entry }: Entry): Omit<Entry, "createdAtMs"> => entry;

try {
  await main();
} finally {
  rmSync(directory, { recursive: true });
}
