import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { Job, Load, LoadMessage } from "../job.ts";
import { startBulk } from "./bulk.ts";
import { startForward } from "./forward.ts";
import { startIdle } from "./idle.ts";
import { startPing } from "./ping.ts";
import { startRefusals } from "./refusals.ts";
import { startTunnels } from "./tunnels.ts";
import { type StartLoad, Window } from "./window.ts";

/** The load generator: one job per line of stdin, its messages on stdout, until stdin ends. */

/** What is under way when the window ends may take so long to finish before it counts as hung. */
const GRACE_MS = 3_000;

const loads: Readonly<Record<Load, StartLoad>> = {
  tunnels: startTunnels,
  download: startBulk,
  upload: startBulk,
  ping: startPing,
  forward: startForward,
  refusals: startRefusals,
  idle: startIdle,
};

const say = (message: LoadMessage): void => {
  process.stdout.write(`${JSON.stringify(message)}\n`);
};

for await (const line of createInterface({ input: process.stdin })) {
  try {
    await run(JSON.parse(line) as Job); // written by measure.ts
  } catch (error) {
    say({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
  }
}
process.exit(0);

async function run(job: Job): Promise<void> {
  const window = new Window();
  const load = loads[job.load](job, window);
  await Promise.all([sleep(job.warmUpMs), load.warm?.()]);
  say({ kind: "begin" });
  window.begin();
  await Promise.all([sleep(job.windowMs), load.during?.()]);
  window.end();
  say({ kind: "end" });
  const isDone = await Promise.race([load.stop().then(() => true), sleep(GRACE_MS, false)]);
  if (!isDone) for (let hung = load.abandon(); hung > 0; hung -= 1) window.fail("hung");
  say({ kind: "result", result: window.toResult() });
}
