import { readFileSync } from "node:fs";
import { defaultLimits, type ResourceLimits } from "../policy/limits.ts";
import type { CgroupLimit } from "./cgroup.ts";

/** What this process may give its children at most (getrlimit(2)); infinite where the system sets no bound. */
export interface HardLimits {
  readonly cpuSeconds: number;
  readonly dataBytes: number;
  readonly fileBytes: number;
  readonly openFiles: number;
  readonly processes: number;
}

/** This process's own, from `/proc/self/limits`. */
export function readHardLimits(): HardLimits {
  const text = readFileSync("/proc/self/limits", "utf8");
  const hard = (name: string): number => {
    const value = new RegExp(`^${name} +\\S+ +(\\d+)`, "m").exec(text)?.[1];
    return value === undefined ? Number.POSITIVE_INFINITY : Number(value); // "unlimited"
  };
  return {
    cpuSeconds: hard("Max cpu time"),
    dataBytes: hard("Max data size"),
    fileBytes: hard("Max file size"),
    openFiles: hard("Max open files"),
    processes: hard("Max processes"),
  };
}

/**
 * prlimit(1)'s arguments for the limits that hold for single processes, soft and hard alike, so that no command can raise one; for processor time a
 * second lies between, in which it learns of the first. No core is dumped:
 * the kernel would write it, or have the host's handler look at it. Memory is bounded here too, in case no cgroup does it: what a
 * process may write to privately, since more than that is reserved by every runtime without being used.
 */
export function prlimitArgs(limits: ResourceLimits, hard: HardLimits): string[] {
  const limit = (name: string, wanted: number | null, most: number): string[] =>
    wanted === null ? [] : [`--${name}=${Math.min(wanted, most)}`];
  return [
    "--core=0",
    ...cpu(limits.cpuSeconds, hard.cpuSeconds),
    ...limit("data", limits.memoryBytes, hard.dataBytes),
    ...limit("fsize", limits.fileBytes, hard.fileBytes),
    ...limit("nofile", limits.openFiles, hard.openFiles),
    ...limit("nproc", limits.processes, hard.processes),
  ];
}

function cpu(seconds: number | null, most: number): string[] {
  if (seconds === null) return [];
  return [`--cpu=${Math.min(seconds, most)}:${Math.min(seconds + 1, most)}`];
}

/** Limits asked for that are not enforced as they are meant, in words: without a cgroup only single processes can be bounded. */
export function findWeakLimits(options: {
  readonly limits: ResourceLimits;
  /** Undefined: there is no cgroup. */
  readonly enforced: ReadonlySet<CgroupLimit> | undefined;
  readonly uid: number;
}): string[] {
  const { limits, enforced, uid } = options;
  const isWeak = (name: CgroupLimit): boolean =>
    limits[name] !== null && limits[name] !== defaultLimits[name] && enforced?.has(name) !== true;
  return [
    ...(isWeak("memoryBytes") ? ["memoryBytes holds for each process, not for all of a command together"] : []),
    ...(isWeak("cpus") ? ["cpus is not enforced"] : []),
    // The kernel exempts root from its own limit, and counts all commands of a session as one user's.
    ...(isWeak("processes") && uid === 0 ? ["processes is not enforced for root"] : []),
    ...(isWeak("processes") && uid !== 0 ? ["processes holds for all commands of the session together"] : []),
  ];
}
