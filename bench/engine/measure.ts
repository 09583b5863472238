import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { startNode } from "../child.ts";
import type { Cell, Job, Report, Task, Work } from "./job.ts";
import type { Peer } from "./peers.ts";
import type { Row } from "./rows.ts";

export interface MeasureOptions {
  readonly row: Row;
  readonly peer: Peer;
  /** Where the workers have their databases. */
  readonly directory: string;
  /** The prepared databases, by the id of the length. */
  readonly databases: ReadonlyMap<string, string>;
  readonly isQuick: boolean;
}

/** The slowest prepares 100,000 entries, which takes seconds on two busy cores. */
const TIMEOUT_MS = 180_000;

/** Measures one row of one peer once, each job in a fresh process. Rejects when it could not be measured at all. */
export async function measure(options: MeasureOptions): Promise<Cell> {
  const reports: Record<string, Report> = {};
  for (const job of options.row.jobs) reports[job.name] = await work(job, options);
  return { reports, errors: 0, firstError: null };
}

/** False when this peer has nothing to do with that row. */
export function isMeasured({ peers }: Row, peer: Peer): boolean {
  return peers === "all" || (peers === "koda" && peer.kind === "koda") || peer.id === "koda";
}

async function work(job: Job, { peer, directory, databases, isQuick }: MeasureOptions): Promise<Report> {
  const own = mkdtempSync(join(directory, "worker-"));
  try {
    const prepared = "length" in job.work ? databases.get(job.work.length?.id ?? "") : undefined;
    const database = peer.id === "koda" && prepared !== undefined ? join(own, "koda.db") : null;
    if (prepared !== undefined && database !== null) copyFileSync(prepared, database);
    const task: Task = { peer: peer.id, work: isQuick ? toQuick(job.work) : job.work, directory, database };
    await using child = startNode(new URL("worker.ts", import.meta.url), [JSON.stringify(task)]);
    return (await child.firstMessage(TIMEOUT_MS)) as Report; // what worker.ts sends
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}

const QUICK_HASTE = 10;

function toQuick(full: Work): Work {
  const fewer = (count: number): number => Math.ceil(count / QUICK_HASTE);
  switch (full.kind) {
    case "turns":
      return { ...full, turns: fewer(full.turns) };
    case "append":
      return { ...full, entries: fewer(full.entries) };
    case "resume":
      return { ...full, times: fewer(full.times) };
    case "idle":
      return full;
    case "stream":
      return { ...full, deltas: fewer(full.deltas) };
    default:
      return full satisfies never;
  }
}
