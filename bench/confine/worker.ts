/**
 * Measures one peer in one row once: loads and opens it, sees that it confines, runs the batches, prints a `WorkerReport` as JSON and ends.
 * Started in the project; its one argument is the `Job`. It ends early when stdin does.
 */
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inheritedDescriptors } from "../../packages/sandbox/dist/linux/inherited-descriptors.js";
import type { Job, Place, WorkerReport } from "./job.ts";
import type { OpenedPeer, OpenPeer } from "./opened-peer.ts";

process.stdin.once("end", () => process.exit(1)).resume();
const job = JSON.parse(process.argv[2] ?? "") as Job; // written by measure.ts
const report = await measure(job);
process.stdout.write(JSON.stringify(report), () => process.exit(0));

async function measure({ peer, place, warmUp, batches }: Job): Promise<WorkerReport> {
  const inherited = inheritedDescriptors();
  if (inherited.length > 0) throw new Error(`the worker inherited descriptors ${inherited.join(", ")}`);
  const startedMs = performance.now();
  const { open } = (await import(`./peers/${peer}.ts`)) as { open: OpenPeer }; // what every module there exports
  const loadedMs = performance.now();
  await using opened = await open(place);
  const openedMs = performance.now();
  if (batches.length > 0) await seeThatItConfines(peer, opened, place);
  for (let done = 0; done < warmUp; done += 1) await opened.run(["/bin/true"]);
  const batchMs: Record<number, number[]> = {};
  for (const { size, times } of batches) {
    const measured: number[] = [];
    for (let done = 0; done < times; done += 1) measured.push(await runAtOnce(opened, size));
    batchMs[size] = measured;
  }
  const peakMemoryBytes = process.resourceUsage().maxRSS * 1_024;
  return { loadMs: loadedMs - startedMs, openMs: openedMs - loadedMs, batchMs, peakMemoryBytes };
}

async function runAtOnce(opened: OpenedPeer, size: number): Promise<number> {
  const startedMs = performance.now();
  await Promise.all(Array.from({ length: size }, () => opened.run(["/bin/true"])));
  return performance.now() - startedMs;
}

/** A sandbox that does not work here, or that leaves the project read-only, would be compared with unfairly. */
async function seeThatItConfines(peer: string, opened: OpenedPeer, { project, home, scratch }: Place): Promise<void> {
  const [inside, outside] = [join(project, "written"), join(home, "written")];
  const script = join(scratch, "write.sh"); // a file, since not every program hands on a quoted argument as it is
  writeFileSync(script, 'echo > "$1" && { echo > "$2" || true; }\n');
  await opened.run(["/bin/sh", script, inside, outside]);
  if (!existsSync(inside)) throw new Error("a command could not write the project");
  if (existsSync(outside) !== (peer === "none")) throw new Error("a command could write outside the project");
  for (const path of [inside, outside]) rmSync(path, { force: true });
}
