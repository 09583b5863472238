import type { Report, Task, Work } from "../job.ts";
import { converseWithKoda } from "../koda-session.ts";
import { openStore, sessionIds } from "../koda-store.ts";

/**
 * `open`: from the path of the database to a session that takes a prompt, with the closing of nothing. `turn`: its next
 * turn. The first of each is the first thing that this process does; Koda is loaded before.
 */
export async function measureResume(task: Task, work: Extract<Work, { kind: "resume" }>): Promise<Report> {
  const figures = { open: [] as number[], turn: [] as number[] };
  const resume = sessionIds(work.length)[0] ?? "";
  for (let count = 0; count < work.times; count += 1) {
    const startedMs = performance.now();
    using opened = openStore(task, null);
    const { store, projectRoot } = opened;
    await using conversation = await converseWithKoda(store, { projectRoot, resume });
    const openedMs = performance.now();
    await conversation.turn(1);
    figures.turn.push(performance.now() - openedMs);
    figures.open.push(openedMs - startedMs);
  }
  return figures;
}
