import { constants } from "node:os";
import type { CgroupEvents } from "./linux/cgroup.ts";
import type { UndoneChange } from "./linux/undo-planted.ts";
import { toAllowCommand } from "./proxy/explain.ts";
import type { ConnectionEvent } from "./proxy/proxy-handle.ts";

/** Something the sandbox refused, undid or bounded while a command ran. `message` is a sentence its author can act on. */
export interface Violation {
  readonly kind: "network" | "file" | "process" | "limit";
  readonly message: string;
}

export interface RunObservations {
  /** Refused connections of this command, oldest first. */
  readonly refused: readonly ConnectionEvent[];
  /** As `fromUndone` says them. */
  readonly undone: readonly Violation[];
  readonly exitCode: number | null;
  readonly output: string;
}

const MAX_VIOLATIONS = 20;

/** What a command's end and its connections say about the sandbox; one entry per cause, at most 20. */
export function toViolations(run: RunObservations): Violation[] {
  const violations: Violation[] = [
    ...run.refused.map(fromRefusal),
    ...run.undone,
    ...fromExitCode(run.exitCode),
    ...(run.exitCode === 0 ? [] : hintsIn(run.output)),
  ];
  return [...new Map(violations.map((violation) => [violation.message, violation])).values()].slice(0, MAX_VIOLATIONS);
}

function fromRefusal({ host, port, reason, remedy }: ConnectionEvent): Violation {
  const refused = `${host}:${port} was refused: ${reason}`;
  return {
    kind: "network",
    message: remedy === null ? refused : `${refused}. To allow it: ${toAllowCommand(remedy)}`,
  };
}

/** Says which protected path appeared, and where it is now. */
export function fromUndone({ path, outcome }: UndoneChange): Violation {
  return {
    kind: "file",
    message: `${JSON.stringify(path)} is protected and was created or replaced: ${sayOutcome(outcome)}`,
  };
}

function sayOutcome(outcome: UndoneChange["outcome"]): string {
  switch (outcome.kind) {
    case "moved":
      return `it was moved to ${JSON.stringify(outcome.to)}`;
    case "put-back":
      return "the link that was there was put back";
    case "still-there":
      return "it could not be moved away: look at it before you use the project";
  }
}

/** Walls of a command that a program outside took away while it ran, as `exchangedWalls` finds them. */
export function fromExchanged(walls: {
  readonly written: readonly string[];
  readonly read: readonly string[];
}): Violation[] {
  const exchanged = (path: string): string =>
    `${JSON.stringify(path)} is protected and was exchanged from outside while this ran`;
  return [
    ...walls.written.map((path) => ({ path, could: "write to the new one: look at it before you use it" })),
    ...walls.read.map((path) => ({ path, could: "read the new one" })),
  ].map(({ path, could }) => ({ kind: "file", message: `${exchanged(path)}, which could ${could}` }));
}

/** What the cgroup of a command saw. */
export function fromCgroupEvents({ killedForMemory, refusedProcesses }: CgroupEvents): readonly Violation[] {
  return [
    ...(killedForMemory > 0
      ? [limit("it was killed because all its processes together reached the limit of memory")]
      : []),
    ...(refusedProcesses > 0
      ? [limit("no process could be started any more: the limit of processes was reached")]
      : []),
  ];
}

/** A spawned command that took longer than it may; `run` says `isTimedOut` instead. */
export function fromWallTime(wallMs: number): Violation {
  return limit(`it was ended after its ${wallMs} ms: the limit wallMs`);
}

/** Signals that the kernel sends for limits of single processes (setrlimit(2)); a shell adds 128. */
function fromExitCode(exitCode: number | null): readonly Violation[] {
  if (exitCode === 128 + constants.signals.SIGXCPU) return [limit("a process reached the limit of processor time")];
  if (exitCode === 128 + constants.signals.SIGXFSZ) return [limit("a file reached the limit of its size")];
  return [];
}

function limit(message: string): Violation {
  return { kind: "limit", message };
}

/** Kernel messages (strerror(3)) that a confined command prints when it meets a wall. */
const HINTS: readonly { readonly sign: RegExp; readonly violation: Violation }[] = [
  {
    sign: /Device or resource busy|could not (?:write|lock) config file|Read-only file system.*\.git\/|\.git\/.*Read-only file system/, // mount points cannot be replaced; git's words as of 2.39
    violation: {
      kind: "file",
      message:
        "git configuration and hooks are protected here, so git remote add, git config and git init on an existing repository fail, as does renaming a directory that holds a protected file: ask the user to do it",
    },
  },
  {
    sign: /Read-only file system/,
    violation: {
      kind: "file",
      message: "a path outside the writable directories was to be written: only the project and /tmp are writable",
    },
  },
  {
    sign: /Network is unreachable/,
    violation: {
      kind: "network",
      message:
        "a direct connection was tried: the network is reached only through the proxies in HTTPS_PROXY and ALL_PROXY",
    },
  },
  {
    sign: /Operation not permitted/,
    violation: { kind: "process", message: "an operation needs privileges that confined commands do not have" },
  },
];

function hintsIn(output: string): Violation[] {
  return HINTS.filter(({ sign }) => sign.test(output)).map(({ violation }) => violation);
}
