import { readdirSync, readFileSync } from "node:fs";

/** A process that stays the same one even when its number is given to another. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Field 22 of `/proc/PID/stat`, in clock ticks since boot. */
  readonly startTime: string;
}

/** Null when there is no such process, or only a zombie waiting to be collected. */
export function identifyProcess(pid: number): ProcessIdentity | null {
  const stat = readText(`/proc/${pid}/stat`);
  if (stat === null) return null;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" "); // the name before may hold anything
  const [state, startTime] = [fields[0], fields[19]];
  if (startTime === undefined || state === "Z" || state === "X") return null;
  return { pid, startTime };
}

/** The first process of a pid namespace is a zombie only after the kernel has ended every other one in it. */
export async function waitUntilGone(process: ProcessIdentity): Promise<void> {
  for (
    let delayMs = 0;
    identifyProcess(process.pid)?.startTime === process.startTime;
    delayMs = Math.min(delayMs + 1, 20)
  ) {
    await new Promise((resolve) => setTimeout(resolve, delayMs));
  }
}

/** Sends `signal` to everything below `root`, but not to `root` itself. Processes that have just ended are passed over. */
export function signalDescendants(root: number, signal: NodeJS.Signals): void {
  for (const pid of descendants(root)) sendSignal(pid, signal);
}

/** `root` and everything below it, parents first. */
export function* processTree(root: number): Generator<number> {
  yield root;
  yield* descendants(root);
}

/** True when the signal was delivered. */
export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false; // ended already
  }
}

function* descendants(pid: number): Generator<number> {
  for (const child of children(pid)) {
    yield child;
    yield* descendants(child);
  }
}

/** Empty too where the kernel was built without `/proc/PID/task/TID/children`. */
function children(pid: number): number[] {
  return listTasks(pid)
    .flatMap((task) => (readText(`/proc/${pid}/task/${task}/children`) ?? "").split(" "))
    .map(Number)
    .filter((child) => child > 0);
}

function listTasks(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return []; // ended
  }
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null; // ended
  }
}
