import { readFileSync } from "node:fs";
import type { Policy } from "../policy/policy.ts";
import { isWithin } from "../policy/real-path.ts";
import type { ReplacedDirectories } from "./bwrap-args.ts";

/** The sockets of this machine that a command could see: of those below what a sandbox replaces, only what it binds back in. */
export function readHostSockets(policy: Policy, replaced: ReplacedDirectories): string[] {
  const hidden = [...replaced.temporary, ...replaced.runtime];
  const kept = [...policy.writePaths, ...policy.readOnlyPaths];
  const isBelow = (directories: readonly string[], path: string): boolean =>
    directories.some((directory) => isWithin(directory, path));
  return hostSocketPaths(readFileSync("/proc/net/unix", "utf8")).filter(
    (path) => !isBelow(hidden, path) || isBelow(kept, path),
  );
}

/**
 * The absolute path names in a `/proc/net/unix` (proc_pid_net(5)), each once, as they were bound. A path leads to its
 * socket from any network namespace and through a read-only mount: who can see the name can connect.
 *
 * What stands at such a path now may be something else, or not a socket at all: a name may hold line breaks, which the
 * kernel prints as they are, and with them look like an entry. So ask the file system before acting on one.
 * Not given back: abstract sockets, which belong to their network namespace, and names relative to a directory that
 * the kernel does not tell.
 */
export function hostSocketPaths(procNetUnix: string): string[] {
  const names: string[] = [];
  for (const line of procNetUnix.split("\n").slice(1)) {
    const name = ENTRY.exec(line);
    if (name !== null) names.push(name[1] ?? "");
    else if (names.length > 0) names.push(`${names.pop()}\n${line}`); // the rest of a name with a line break
  }
  const last = names.pop();
  if (last !== undefined) names.push(last.replace(/\n$/, "")); // the line break that ends the file
  return [...new Set(names)].filter((name) => name.startsWith("/"));
}

/** Slot, reference count, protocol, flags, type, state, inode (right-aligned), and the name if it has one. */
const ENTRY = /^[0-9a-f]+: [0-9A-F]{8} [0-9A-F]{8} [0-9A-F]{8} [0-9A-F]{4} [0-9A-F]{2} +\d+(?: (.*))?$/s;
