import type { Conversation } from "../conversation.ts";
import type { Report, Task, Work } from "../job.ts";
import { converseWithKoda } from "../koda-session.ts";
import { openStore, sessionIds } from "../koda-store.ts";
import { turnsPerSession } from "../lengths.ts";
import { openPeer } from "./open-peer.ts";

const WARM_UP = 100;
/** Of a new conversation: what it costs to begin is not what a turn costs. */
const TURNS_PER_NEW = 20;

/**
 * `turn`: the time of each. `cpu`: the CPU time of one, by conversation, whatever else the machine does. `own`: what Koda
 * says of it, in whole ms. `events`: how many it told.
 */
export async function measureTurns(task: Task, work: Extract<Work, { kind: "turns" }>): Promise<Report> {
  const { length, calls, turns } = work;
  const figures = { turn: [] as number[], cpu: [] as number[], own: [] as number[], events: [] as number[] };
  const perConversation = length === null ? TURNS_PER_NEW : turnsPerSession(length);
  const begin = length === null ? await toNew(task) : toSeeded(task, length);
  await warmUp(begin, { calls, turns: Math.min(WARM_UP, turns) });
  for (let done = 0; done < turns; ) {
    await using conversation = await begin.next();
    await conversation.turn(calls); // the first prepares what the others use
    const count = Math.min(perConversation, turns - done);
    const cpuBefore = process.cpuUsage();
    for (let index = 0; index < count; index += 1) {
      const startedMs = performance.now();
      const { ownMs, events } = await conversation.turn(calls);
      figures.turn.push(performance.now() - startedMs);
      figures.events.push(events);
      if (ownMs !== null) figures.own.push(ownMs);
    }
    const { user, system } = process.cpuUsage(cpuBefore);
    figures.cpu.push((user + system) / 1_000 / count);
    done += count;
  }
  return figures;
}

interface Begin {
  /** The next conversation to measure. */
  readonly next: () => Promise<Conversation>;
  /** One that is not measured. */
  readonly fresh: () => Promise<Conversation>;
}

async function toNew(task: Task): Promise<Begin> {
  const peer = await openPeer(task);
  return { next: () => peer.converse(), fresh: () => peer.converse() };
}

function toSeeded(task: Task, length: NonNullable<Extract<Work, { kind: "turns" }>["length"]>): Begin {
  const { store, projectRoot } = openStore(task, length);
  const ids = sessionIds(length);
  const open = (resume: string | null) => converseWithKoda(store, { projectRoot, resume });
  return { next: () => open(ids.shift() ?? "there are no more"), fresh: () => open(null) };
}

async function warmUp({ fresh }: Begin, { calls, turns }: { readonly calls: number; readonly turns: number }) {
  for (let done = 0; done < turns; done += TURNS_PER_NEW) {
    await using conversation = await fresh();
    for (let count = 0; count < TURNS_PER_NEW; count += 1) await conversation.turn(calls);
  }
}
