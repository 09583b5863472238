import { readFileSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Policy } from "../policy/policy.ts";
import { isWithin } from "../policy/real-path.ts";
import type { ReplacedDirectories } from "./bwrap-args.ts";
import { canReach, type Identity, ownIdentity } from "./can-reach.ts";

/**
 * The sockets of this machine that a command could see, by their real paths: of those below what a sandbox replaces,
 * only what it binds back in. Most daemons call theirs `/var/run/…`, a link, and no mount can be made by that name.
 * `fleeting` are left out: they went when they were to be masked.
 */
export function readHostSockets(
  policy: Policy,
  replaced: ReplacedDirectories,
  fleeting: readonly string[] = [],
): string[] {
  const hidden = [...replaced.temporary, ...replaced.runtime, PRIVATE_DEVICES];
  const kept = [...policy.writePaths, ...policy.readOnlyPaths];
  const isBelow = (directories: readonly string[], path: string): boolean =>
    directories.some((directory) => isWithin(directory, path));
  const realPaths = realPathsOf(hostSocketPaths(readFileSync("/proc/net/unix", "utf8")));
  return realPaths.filter((path) => (!isBelow(hidden, path) || isBelow(kept, path)) && !fleeting.includes(path));
}

const PRIVATE_DEVICES = "/dev"; // every sandbox has its own: `/dev/log` is not in it

/** Many sockets share a directory, so each directory is looked up once. */
function realPathsOf(paths: readonly string[]): string[] {
  const identity = ownIdentity();
  const directories = new Map<string, string | null>();
  const found = new Set<string>();
  for (const path of paths) {
    const parent = dirname(path);
    const known = directories.get(parent);
    const directory = known === undefined ? reachableDirectory(parent, identity) : known;
    directories.set(parent, directory);
    if (directory !== null) found.add(join(directory, basename(path)));
  }
  return [...found];
}

/** The real path of a directory, or null when it is gone or closed to commands: `/var/spool/postfix/private` is to root, too. */
function reachableDirectory(path: string, identity: Identity): string | null {
  try {
    const directory = realpathSync.native(path);
    return canReach(directory, identity) ? directory : null;
  } catch {
    return null; // gone, or not reachable for us and so not for the command either
  }
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
