import { readdirSync, readFileSync } from "node:fs";

/** What processes have cost so far, and hold now. From /proc (proc(5)); Linux only. */
export interface ProcessCost {
  /** User and system time; of ended threads and reaped children too. Steps of 10 ms. */
  readonly cpuSeconds: number;
  /** Proportional set size: pages shared with other processes count in part. */
  readonly memoryBytes: number;
  readonly descriptors: number;
}

const TICKS_PER_SECOND = 100; // USER_HZ, the same on every architecture that Node runs on

/** Quick enough not to disturb what is measured, unlike {@link readProcessCost}. */
export function readCpuSeconds(pids: readonly number[]): number {
  return pids.reduce((sum, each) => sum + cpuTicks(each), 0) / TICKS_PER_SECOND;
}

export function readProcessCost(pids: readonly number[]): ProcessCost {
  return {
    cpuSeconds: readCpuSeconds(pids),
    memoryBytes: pids.reduce((sum, each) => sum + proportionalBytes(each), 0),
    descriptors: pids.reduce((sum, each) => sum + listOrNone(`/proc/${each}/fd`).length, 0),
  };
}

/** The process first, then its children's trees. */
export function withDescendants(pid: number): number[] {
  const children = listOrNone(`/proc/${pid}/task`).flatMap((task) =>
    readOrNone(`/proc/${pid}/task/${task}/children`).split(" ").filter(Boolean).map(Number),
  );
  return [pid, ...children.flatMap(withDescendants)];
}

function cpuTicks(pid: number): number {
  // The program's name, in parentheses, may hold spaces: fields are counted from behind it.
  const fields = readOrNone(`/proc/${pid}/stat`).split(") ").at(-1)?.split(" ") ?? [];
  const [user, system, childrenUser, childrenSystem] = fields.slice(11, 15).map(Number);
  return (user ?? 0) + (system ?? 0) + (childrenUser ?? 0) + (childrenSystem ?? 0);
}

function proportionalBytes(pid: number): number {
  const kibibytes = /^Pss: +(\d+) kB$/m.exec(readOrNone(`/proc/${pid}/smaps_rollup`))?.[1];
  return Number(kibibytes ?? 0) * 1_024;
}

/** A process may end while it is looked at. */
function readOrNone(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function listOrNone(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
