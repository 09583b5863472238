import { createInProcessEffects, type Entry } from "@koda/core";
import type { Report, Task, Work } from "../job.ts";
import { openStore, sessionIds } from "../koda-store.ts";

const WARM_UP = 500;

/** `append`: the time of each, on disk when it is over. */
export function measureAppend(task: Task, work: Extract<Work, { kind: "append" }>): Report {
  const { length, entries } = work;
  using opened = openStore(task, length);
  const { store } = opened;
  const effects = createInProcessEffects();
  const sessionId = sessionIds(length).at(-1) ?? "";
  const owner = { token: effects.id(), pid: process.pid, startMarker: "", place: "", renewedAtMs: effects.now() };
  const lease = store.acquireLease(sessionId, owner, () => false);
  if (lease.kind === "busy") throw new Error(`session ${sessionId} is in use`);
  let parentId = store.readSession(sessionId)?.leafId ?? null;
  const text = "The words of a session, said again and again. ".repeat(2);
  const append: number[] = [];
  for (let count = 0; count < WARM_UP + entries; count += 1) {
    const content = { kind: "user", source: "steer", text } as const;
    const entry: Entry = {
      id: effects.id(),
      sessionId,
      parentId,
      turnId: sessionId,
      createdAtMs: effects.now(),
      content,
    };
    const startedMs = performance.now();
    store.appendEntry(lease.writer, entry);
    if (count >= WARM_UP) append.push(performance.now() - startedMs);
    parentId = entry.id;
  }
  return { append };
}
