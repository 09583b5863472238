import type { Policy } from "../policy/policy.ts";
import { isWithin } from "../policy/real-path.ts";
import type { Maskable, Walls } from "./walls.ts";

/** Directories of this machine that a sandbox replaces. Only real directories are named: a symbolic link leads to one that is. */
export interface ReplacedDirectories {
  /** One private, writable directory per session, shared by its commands: `/tmp`, `/var/tmp`. */
  readonly temporary: readonly string[];
  /** Empty and read-only, because sockets of the host live there: `/run`, `/var/run`. */
  readonly runtime: readonly string[];
  /** Parts of `runtime` that hold programs and stay visible (NixOS). */
  readonly keptRuntime: readonly string[];
}

export interface SessionArgsOptions {
  readonly policy: Policy;
  readonly replaced: ReplacedDirectories;
  /** As they are now; those that come later are mounted command by command. */
  readonly walls: Walls;
  /** What Koda itself needs to see where it lies below a replaced directory: the Node binary, its own files. */
  readonly ownPaths: readonly string[];
  /** The terminal that commands find as `/dev/console`; null: none. */
  readonly terminal: string | null;
  /** The first of the descriptors that have nothing to read: one for each file that is masked, and one more. */
  readonly firstEmptyDescriptor: number;
}

/** A file without content in the session's `/dev`, to mask with. */
const EMPTY_FILE = "/dev/.koda-empty";

/**
 * bubblewrap's arguments for the namespace of a session, which every command later enters. All walls stand in it, so that a command's own
 * bubblewrap finds them mounted and adds what is new. They hold against each other, too: mounts are made by path, and a path that a command swaps
 * for a link before the next one mounts it must lead to nothing that may not be written or read.
 */
export function sessionArgs(options: SessionArgsOptions): string[] {
  const { policy, replaced, walls } = options;
  const isReplaced = (path: string): boolean => isBelow([...replaced.temporary, ...replaced.runtime], path);
  const covered = walls.covered.map(({ path }) => path);
  const writable = writableRoots(policy).filter((path) => !covered.includes(path));
  // What lies in a writable directory is seen with it, and stays as writable.
  const own = options.ownPaths.filter((path) => !writable.some((root) => isWithin(root, path)));
  const kept = [
    ...covered.map((path) => ({ path, flag: "--tmpfs" })),
    ...writable.map((path) => ({ path, flag: "--bind-try" })),
    ...[...policy.readOnlyPaths, ...replaced.keptRuntime, ...own]
      .filter((path) => !covered.includes(path))
      .filter(
        (path) =>
          isReplaced(path) ||
          isBelow(covered, path) ||
          [...writable, ...covered].some((inner) => isWithin(path, inner)),
      )
      .map((path) => ({ path, flag: "--ro-bind-try" })),
  ];
  const parents = fixedParents(
    kept.map((entry) => entry.path),
    replaced.temporary,
  );
  const masked = stillThere(walls.masked, { replaced, kept: kept.map((entry) => entry.path) });
  const fileMasks = masked.filter(({ kind }) => kind === "file");
  const emptyDescriptor = (index: number): string => `${options.firstEmptyDescriptor + index}`;
  return [
    ...["--ro-bind", "/", "/", "--bind", "/proc", "/proc"],
    ...["--dev", "/dev", "--perms", "1777", "--tmpfs", "/dev/shm"],
    ...(options.terminal === null ? [] : ["--dev-bind-try", options.terminal, "/dev/console"]),
    ...["--perms", "0444", "--file", emptyDescriptor(fileMasks.length), EMPTY_FILE, "--remount-ro", "/dev"],
    ...replaced.temporary.flatMap((directory) => ["--perms", "1777", "--tmpfs", directory]),
    ...replaced.runtime.flatMap((directory) => ["--tmpfs", directory]),
    ...parents.flatMap((directory) => ["--perms", "0755", "--tmpfs", directory]),
    ...outermostFirst([...kept, ...walls.pinned.map(({ path }) => ({ path, flag: "--bind-try" }))]).flatMap(mount),
    ...[...parents, ...covered, ...replaced.runtime].flatMap((directory) => ["--remount-ro", directory]),
    ...walls.readOnly.flatMap(({ path }) => ["--ro-bind-try", path, path]),
    ...masked.filter(({ kind }) => kind === "directory").flatMap(({ path }) => maskDirectory(path)),
    ...fileMasks.flatMap(({ path }, index) => ["--ro-bind-data", emptyDescriptor(index), path]),
    // Not with its parent: what dies last in it is the guard, which learns of the end by its stdin.
    // Root inside: for other users bubblewrap makes a second user namespace to mount `/dev/pts`, and the network would belong to the outer one.
    ...["--unshare-user", "--uid", "0", "--gid", "0", "--unshare-net"],
    // What the guard needs: to set how mounts spread, to look at processes, and to kill them.
    ...["--cap-drop", "ALL"],
    ...["CAP_SYS_ADMIN", "CAP_SYS_PTRACE", "CAP_KILL"].flatMap((capability) => ["--cap-add", capability]),
  ];
}

/** How many descriptors `sessionArgs` takes. */
export function countEmptyDescriptors(walls: Walls): number {
  return walls.masked.filter(({ kind }) => kind === "file").length + 1;
}

export interface CommandArgsOptions {
  readonly policy: Policy;
  /** Walls that do not stand in the session's namespace. */
  readonly walls: Walls;
  readonly replaced: ReplacedDirectories;
  /** True in Plan mode: no writable directory but the private temporary ones. */
  readonly isReadOnly: boolean;
  readonly cwd: string;
  readonly user: { readonly uid: number; readonly gid: number };
  /** Descriptor with the system call filter. */
  readonly seccompDescriptor: number;
  /** Variables on top of the launcher's. They travel here and not in its environment: nothing outside the sandbox may obey them. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * bubblewrap's arguments for one command inside the session's namespace, whose every mount it takes over as it is: what is read-only there cannot be
 * made writable from here, nor unmounted. Later mounts cover earlier ones, so the order is the policy.
 */
export function commandArgs(options: CommandArgsOptions): string[] {
  const { policy, walls, replaced } = options;
  const rootFlag = options.isReadOnly ? "--ro-bind-try" : "--bind-try";
  const roots = writableRoots(policy);
  return [
    ...["--unshare-user", "--uid", `${options.user.uid}`, "--gid", `${options.user.gid}`],
    ...["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"],
    ...["--die-with-parent", "--new-session", "--cap-drop", "ALL", "--disable-userns"],
    ...["--seccomp", `${options.seccompDescriptor}`],
    ...["--dev-bind", "/", "/"],
    // Root may write kernel settings without any capability: core_pattern names a program that the kernel runs.
    ...["--proc", "/proc", "--remount-ro", "/proc"],
    ...(options.isReadOnly ? outermostFirst(roots.map((path) => ({ path }))) : []).flatMap(({ path }) => [
      rootFlag,
      path,
      path,
    ]),
    ...walls.pinned.flatMap(({ path }) => [rootFlag, path, path]),
    ...walls.readOnly.flatMap(({ path }) => ["--ro-bind-try", path, path]),
    ...stillThere(walls.masked, { replaced, kept: [...roots, ...policy.readOnlyPaths] }).flatMap(({ path, kind }) =>
      kind === "directory" ? maskDirectory(path) : ["--ro-bind", EMPTY_FILE, path],
    ),
    ...Object.entries(options.env).flatMap(([name, value]) => ["--setenv", name, value]),
    ...["--chdir", options.cwd],
  ];
}

/** A secret below a replaced directory (a home in /tmp) is gone with it, unless it lies in what was bound back in. */
function stillThere(
  masked: readonly Maskable[],
  { replaced, kept }: { readonly replaced: ReplacedDirectories; readonly kept: readonly string[] },
): readonly Maskable[] {
  const directories = [...replaced.temporary, ...replaced.runtime];
  return masked.filter(({ path }) => !isBelow(directories, path) || isBelow(kept, path));
}

function mount({ path, flag }: { readonly path: string; readonly flag: string }): string[] {
  return flag === "--tmpfs" ? ["--perms", "0555", flag, path] : [flag, path, path];
}

function maskDirectory(path: string): string[] {
  return ["--perms", "0555", "--tmpfs", path, "--remount-ro", path];
}

/**
 * `/tmp/a` for a `/tmp/a/b/project` that stays visible. As a read-only mount of its own it cannot be renamed, which would take the project to a
 * path where nothing is protected.
 */
function fixedParents(kept: readonly string[], temporary: readonly string[]): string[] {
  const parents = kept.flatMap((path) => {
    const base = temporary.find((directory) => isWithin(directory, path));
    const name = base === undefined ? undefined : path.slice(base.length + 1).split("/")[0];
    return name === undefined ? [] : [`${base}/${name}`];
  });
  return [...new Set(parents)].filter((parent) => !kept.includes(parent));
}

function writableRoots(policy: Policy): readonly string[] {
  return policy.outerGitDir === null ? policy.writePaths : [...policy.writePaths, policy.outerGitDir];
}

function isBelow(directories: readonly string[], path: string): boolean {
  return directories.some((directory) => isWithin(directory, path));
}

function outermostFirst<T extends { readonly path: string }>(entries: readonly T[]): T[] {
  return entries.toSorted((a, b) => a.path.split("/").length - b.path.split("/").length);
}
