import { randomUUID } from "node:crypto";
import { accessSync, constants, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ResourceLimits } from "../policy/limits.ts";
import { cgroupPlaces } from "./cgroup-places.ts";
import { identifyProcess } from "./process-tree.ts";

/** Limits that need a cgroup. */
export type CgroupLimit = "memoryBytes" | "processes" | "cpus";

/** The cgroup (v2) of one session; every command gets one of its own in it. */
export interface SessionCgroup extends Disposable {
  /** Limits that the kernel enforces here; the others have no controller at this place. */
  readonly enforced: ReadonlySet<CgroupLimit>;
  /** Throws what mkdir(2) or write(2) says. */
  begin(): CommandCgroup;
}

export interface CommandCgroup {
  /** Moves a process in. It must have no children yet: those that it has stay where they are. */
  add(pid: number): void;
  /** Kills what is in it. */
  kill(): void;
  /** Removes it, when nothing is left in it. */
  end(): CgroupEvents;
}

/** How often a limit was reached. */
export interface CgroupEvents {
  readonly killedForMemory: number;
  readonly refusedProcesses: number;
}

const CONTROLLERS: Readonly<Record<CgroupLimit, string>> = { memoryBytes: "memory", processes: "pids", cpus: "cpu" };
const LIMITS = Object.keys(CONTROLLERS) as readonly CgroupLimit[];

/**
 * Makes a cgroup for a session where this process may: below its own, or below the nearest parent that holds more of the controllers that `limits`
 * need (a cgroup with processes in it hands none on). Null when no limit needs one, or no controller is to be had. What a killed process left is
 * removed on the way.
 */
export function openSessionCgroup(limits: ResourceLimits): SessionCgroup | null {
  const wanted = LIMITS.filter((name) => limits[name] !== null);
  if (wanted.length === 0) return null;
  let best: { readonly path: string; readonly enforced: readonly CgroupLimit[] } | null = null;
  for (const place of cgroupPlaces(readText("/proc/self/cgroup"), readText("/proc/self/mountinfo"))) {
    const made = makeBelow(place, wanted);
    if (!made) continue;
    if (made.enforced.length <= (best?.enforced.length ?? 0)) remove(made.path);
    else {
      if (best) remove(best.path);
      best = made;
    }
    if (best?.enforced.length === wanted.length) break;
  }
  return best && createSession(best.path, new Set(best.enforced), limits);
}

function makeBelow(place: string, wanted: readonly CgroupLimit[]): { path: string; enforced: CgroupLimit[] } | null {
  try {
    accessSync(join(place, "cgroup.procs"), constants.W_OK); // moving a process needs this of the nearest common parent
    removeStale(place);
    const path = join(place, `${NAME}-${process.pid}-${randomUUID()}`);
    mkdirSync(path);
    const has = (name: CgroupLimit): boolean => listWords(join(path, "cgroup.controllers")).includes(CONTROLLERS[name]);
    for (const name of wanted) if (!has(name)) tryWrite(join(place, "cgroup.subtree_control"), `+${CONTROLLERS[name]}`);
    const enforced = wanted.filter(
      (name) => has(name) && tryWrite(join(path, "cgroup.subtree_control"), `+${CONTROLLERS[name]}`),
    );
    return { path, enforced };
  } catch {
    return null; // not ours to write
  }
}

const NAME = "koda";

/** Of processes that were killed before they could. */
function removeStale(place: string): void {
  for (const name of readdirSync(place)) {
    const pid = new RegExp(`^${NAME}-(\\d+)-[0-9a-f-]{36}$`).exec(name)?.[1];
    if (pid === undefined || identifyProcess(Number(pid)) !== null) continue;
    tryWrite(join(place, name, "cgroup.kill"), "1");
    remove(join(place, name));
  }
}

function createSession(path: string, enforced: ReadonlySet<CgroupLimit>, limits: ResourceLimits): SessionCgroup {
  const settings: readonly (readonly [file: string, value: string])[] = [
    ...(enforced.has("memoryBytes")
      ? ([
          ["memory.max", `${limits.memoryBytes}`],
          ["memory.swap.max", "0"],
          ["memory.oom.group", "1"],
        ] as const)
      : []),
    ...(enforced.has("processes") ? ([["pids.max", `${limits.processes}`]] as const) : []),
    ...(enforced.has("cpus") ? ([["cpu.max", toCpuMax(limits.cpus ?? 0)]] as const) : []),
  ];
  let lastNumber = 0;
  return {
    enforced,
    begin() {
      lastNumber += 1;
      const own = join(path, `${lastNumber}`);
      mkdirSync(own);
      // Without swap there is no file about it.
      for (const [file, value] of settings)
        if (!tryWrite(join(own, file), value) && file !== "memory.swap.max") {
          remove(own);
          throw new Error(`the cgroup refused ${file}`);
        }
      return createCommand(own);
    },
    [Symbol.dispose]() {
      remove(path);
    },
  };
}

function createCommand(path: string): CommandCgroup {
  return {
    add(pid) {
      writeFileSync(join(path, "cgroup.procs"), `${pid}`);
    },
    kill() {
      tryWrite(join(path, "cgroup.kill"), "1");
    },
    end() {
      const events = {
        killedForMemory: readCount(join(path, "memory.events"), "oom_kill"),
        refusedProcesses: readCount(join(path, "pids.events"), "max"),
      };
      remove(path);
      return events;
    },
  };
}

const CPU_PERIOD_US = 100_000; // the kernel's own

function toCpuMax(cpus: number): string {
  return `${Math.max(1_000, Math.round(cpus * CPU_PERIOD_US))} ${CPU_PERIOD_US}`; // 1 ms is the least it takes
}

function readCount(path: string, name: string): number {
  return Number(new RegExp(`^${name} (\\d+)$`, "m").exec(readText(path))?.[1] ?? 0);
}

/** With the empty cgroups in it. What still holds a process stays, and is stale one day. */
function remove(path: string): void {
  try {
    for (const entry of readdirSync(path, { withFileTypes: true }))
      if (entry.isDirectory()) remove(join(path, entry.name));
    rmdirSync(path);
  } catch {
    // A process of it is just ending; the next session removes it.
  }
}

function tryWrite(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { flag: "r+" });
    return true;
  } catch {
    return false;
  }
}

function listWords(path: string): string[] {
  return readText(path)
    .split(/\s+/)
    .filter((word) => word !== "");
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
