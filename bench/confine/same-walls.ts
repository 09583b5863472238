import { commandArgs, countEmptyDescriptors, sessionArgs } from "../../packages/sandbox/dist/linux/bwrap-args.js";
import { readHostSockets } from "../../packages/sandbox/dist/linux/host-sockets.js";
import { findReplacedDirectories } from "../../packages/sandbox/dist/linux/probe.js";
import { surveyPaths } from "../../packages/sandbox/dist/linux/survey-paths.js";
import type { Policy } from "../../packages/sandbox/dist/policy/policy.js";

export interface SameWalls {
  readonly args: readonly string[];
  /** The descriptor that the system call filter is read from. */
  readonly seccompDescriptor: number;
  /** How many descriptors with nothing to read follow it. */
  readonly emptyDescriptors: number;
}

const SECCOMP_DESCRIPTOR = 3; // after stdin, stdout, stderr

/**
 * bubblewrap's arguments that put up in one go what Koda puts up in two: the mounts of its session, and the namespaces and everything else of its
 * commands. Koda itself makes both lists, so a wall that it gains is measured against a bubblewrap with that wall.
 */
export function sameWalls(policy: Policy, options: { readonly hasOwnNetwork: boolean }): SameWalls {
  const replaced = findReplacedDirectories();
  const walls = surveyPaths(policy, readHostSockets(policy, replaced));
  const firstEmptyDescriptor = SECCOMP_DESCRIPTOR + 1;
  const session = sessionArgs({ policy, replaced, walls, ownPaths: [], terminal: null, firstEmptyDescriptor });
  const command = commandArgs({
    policy,
    replaced,
    walls: { pinned: [], readOnly: [], masked: [], covered: [] },
    isReadOnly: false,
    cwd: policy.projectRoot,
    user: { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 },
    seccompDescriptor: SECCOMP_DESCRIPTOR,
    env: {},
  });
  // Its own binds show what the session has mounted already; its /proc replaces the session's.
  const added = toOperations(command).filter(([name = ""]) => !name.includes("bind"));
  const has = (name: string): boolean => added.some(([other]) => other === name);
  const kept = toOperations(session).filter(([name = "", path]) => {
    if (name === "--unshare-net") return options.hasOwnNetwork;
    if (name === "--bind") return path !== "/proc";
    return !(has(name) && isOfTheProcess(name));
  });
  return {
    args: [...kept, ...added].flat(),
    seccompDescriptor: SECCOMP_DESCRIPTOR,
    emptyDescriptors: countEmptyDescriptors(walls),
  };
}

/** An option that is about the process and not about one path: once is enough. */
function isOfTheProcess(name: string): boolean {
  return name.startsWith("--unshare-") || ["--uid", "--gid", "--die-with-parent"].includes(name);
}

/** Options with their arguments: none of Koda's paths begins with two hyphens, they are absolute. */
function toOperations(args: readonly string[]): string[][] {
  const operations: string[][] = [];
  for (const arg of args) {
    if (arg.startsWith("--")) operations.push([arg]);
    else operations.at(-1)?.push(arg);
  }
  return operations;
}
