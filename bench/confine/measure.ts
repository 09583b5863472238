import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { inheritedDescriptors, withoutDescriptors } from "../../packages/sandbox/dist/linux/inherited-descriptors.js";
import { Child } from "../child.ts";
import { findProgram } from "../find-program.ts";
import type { Cell, Job, Place, WorkerReport } from "./job.ts";
import type { Peer } from "./peers.ts";
import type { Row } from "./rows.ts";

export interface MeasureOptions {
  readonly row: Row;
  readonly peer: Peer;
  readonly place: Place;
  /** 1: as the row says; above, that many times less often. */
  readonly haste: number;
  readonly signal: AbortSignal;
}

/** Measures one row of one peer once. Rejects when it could not be measured at all. */
export async function measure({ row, peer, place, haste, signal }: MeasureOptions): Promise<Cell> {
  const fewer = (count: number): number => Math.ceil(count / haste);
  const batches = row.batches.map(({ size, times }) => ({ size, times: fewer(times) }));
  const job: Job = { peer: peer.id, place, warmUp: fewer(row.warmUp), batches };
  const reports: WorkerReport[] = [];
  for (let done = 0; done < fewer(row.processes); done += 1) reports.push(await work(job, signal));
  return { reports, errors: 0, firstError: null };
}

/** False when this peer has nothing to do with that row. */
export function isMeasured(row: Row, peer: Peer): boolean {
  return peer.works.includes(row.work);
}

const TIMEOUT_MS = 120_000; // the slowest takes 20 s on two busy cores

/**
 * Starts a worker with no descriptor but the first three: what this process inherited by chance, and an IPC channel too, would make Koda put a
 * shell around its commands. Its environment is a user's least.
 */
async function work(job: Job, signal: AbortSignal): Promise<WorkerReport> {
  signal.throwIfAborted();
  const command = [process.execPath, "--no-warnings", workerPath, JSON.stringify(job)] as const;
  const [program, ...args] = withoutDescriptors(command, inheritedDescriptors(), findProgram("bash") ?? "bash");
  const worker = spawn(program, args, {
    cwd: job.place.project,
    env: { PATH: process.env["PATH"], HOME: job.place.home, LANG: "C.UTF-8" },
    stdio: ["pipe", "pipe", "pipe"],
  });
  await using child = new Child(worker);
  const stop = (): unknown => worker.kill("SIGTERM");
  const limit = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
  limit.addEventListener("abort", stop, { once: true });
  const printed = await text(worker.stdout);
  limit.removeEventListener("abort", stop);
  signal.throwIfAborted();
  if (limit.aborted) throw new Error(`took longer than ${TIMEOUT_MS / 1_000} s`);
  if (printed === "") throw new Error(child.complaint.replace(/^Error: /, "") || "it printed nothing");
  return JSON.parse(printed) as WorkerReport; // what worker.ts prints
}

const workerPath = fileURLToPath(new URL("worker.ts", import.meta.url));
