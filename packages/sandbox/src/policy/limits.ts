import { SandboxError } from "../errors.ts";

/**
 * What one command, with every process it starts, may use. Null: no limit but the machine's own. Which limits the kernel enforces depends on
 * the machine; a sandbox says in its warnings which of those asked for it cannot enforce.
 */
export interface ResourceLimits {
  /** All its processes together, in bytes. */
  readonly memoryBytes: number | null;
  /** Processes and threads at one time. */
  readonly processes: number | null;
  /** Processor time of each single process, in seconds. */
  readonly cpuSeconds: number | null;
  /** Processor cores used at one time; may be a fraction. */
  readonly cpus: number | null;
  /** Size of each single file it writes, in bytes. */
  readonly fileBytes: number | null;
  /** Open descriptors of each single process. */
  readonly openFiles: number | null;
  /** From its start to its end, in milliseconds; then the whole process tree is killed. */
  readonly wallMs: number | null;
}

/**
 * Far above what builds and test runs of large projects use, and low enough that a runaway command (a fork bomb, a leak of descriptors) ends before
 * the machine does.
 */
export const defaultLimits: ResourceLimits = Object.freeze({
  memoryBytes: null,
  processes: 4096,
  cpuSeconds: null,
  cpus: null,
  fileBytes: null,
  openFiles: 65_536,
  wallMs: null,
});

/** Limits as a caller gives them: absent is the default, null is none. */
export type LimitsInput = { readonly [Name in keyof ResourceLimits]?: number | null | undefined };

/**
 * The given limits over `defaultLimits`, checked and frozen. An absent limit is the default one, null is none.
 *
 * @throws {SandboxError} `bad_policy` naming the limit: no positive whole number (`cpus`: no positive number), or an unknown name.
 */
export function createLimits(given: LimitsInput): ResourceLimits {
  const limits: Record<keyof ResourceLimits, number | null> = { ...defaultLimits };
  for (const [name, value] of Object.entries(given)) {
    if (!isLimitName(name))
      throw new SandboxError("bad_policy", `unknown limit ${JSON.stringify(name)}: ${WANTED_NAMES}`);
    if (value === undefined) continue;
    if (value !== null && !isLimit(name, value)) {
      const wanted = name === "cpus" ? "a positive number" : "a positive whole number";
      throw new SandboxError("bad_policy", `limit ${name}: found ${describe(value)}, wanted ${wanted} or null`);
    }
    limits[name] = value;
  }
  return Object.freeze(limits);
}

/** The tighter of each pair: never more than either allows. */
export function composeLimits(parent: ResourceLimits, child: ResourceLimits): ResourceLimits {
  const tighter = (name: keyof ResourceLimits): number | null => {
    const [a, b] = [parent[name], child[name]];
    return a === null || b === null ? (a ?? b) : Math.min(a, b);
  };
  return Object.freeze({
    memoryBytes: tighter("memoryBytes"),
    processes: tighter("processes"),
    cpuSeconds: tighter("cpuSeconds"),
    cpus: tighter("cpus"),
    fileBytes: tighter("fileBytes"),
    openFiles: tighter("openFiles"),
    wallMs: tighter("wallMs"),
  });
}

const WANTED_NAMES = `one of ${Object.keys(defaultLimits).join(", ")} was wanted`;

function isLimitName(name: string): name is keyof ResourceLimits {
  return Object.hasOwn(defaultLimits, name);
}

function isLimit(name: keyof ResourceLimits, value: unknown): value is number {
  if (name === "cpus") return typeof value === "number" && Number.isFinite(value) && value > 0;
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0;
}

/** Numbers as they are, since JSON writes infinities and NaN as null. */
function describe(value: unknown): string {
  return typeof value === "number" ? `${value}` : JSON.stringify(value);
}
