import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { attachSession } from "../../src/attach/attach-session.ts";
import type { EngineEvent } from "../../src/events/engine-event.ts";
import { JoinedEvent } from "../../src/events/joined-event.ts";
import { findGrammarFault } from "../../src/events/turn-grammar.ts";
import { openSqliteStore } from "../../src/store/sqlite-store.ts";
import { createProbeTool } from "../fakes/probe-tool.ts";
import { collect, Workbench } from "../fakes/workbench.ts";

/** The same events with every text in one piece, since where it is cut means nothing. */
function joinTexts(events: readonly EngineEvent[]): readonly EngineEvent[] {
  const joined: JoinedEvent[] = [];
  for (const event of events) {
    const next = new JoinedEvent(event);
    if (!joined.at(-1)?.tryJoin(next)) joined.push(next);
  }
  return joined.map((event) => event.toEvent());
}

test("who looks on through a store of their own is told what a running session says, in its order", async () => {
  await using bench = new Workbench();
  const tools = [
    createProbeTool({
      effect: "read-only",
      execute: async ({ value }, { onOutput }) => {
        for (const piece of value) onOutput(piece);
        return { text: value, isError: false };
      },
    }),
  ];
  const calls = ["abc", "def"].map((value) => ({ name: "Probe", input: { value } }));
  const { session } = await bench.open(
    [
      { text: ["so", "me"], calls },
      { thinking: "hm", text: ["do", "ne"] },
    ],
    { tools },
  );
  const store = openSqliteStore(bench.databasePath);
  try {
    const seen: EngineEvent[] = [];
    const looking = (async () => {
      const items = attachSession({
        store,
        sessionId: session.id,
        signal: new AbortController().signal,
        pollMs: 5,
        isAlive: () => true,
        effects: { now: () => Date.now(), sleep: (_key, durationMs) => delay(durationMs) },
      });
      for await (const item of items) {
        if (item.kind === "state") expect(item.entries).toEqual([]);
        if (item.kind === "event") seen.push(item.event);
        if (item.kind === "event" && item.event.type === "turn-end") return;
      }
    })();
    const told = await collect(session, "go");
    await looking;
    expect(joinTexts(seen)).toEqual(joinTexts(told));
    expect(findGrammarFault(seen)).toBeNull();
  } finally {
    store.close();
  }
});
