import type { Policy } from "../policy/policy.ts";
import { isWithin } from "../policy/real-path.ts";
import type { PathSurvey } from "./survey-paths.ts";

/** Directories of this machine that a sandbox replaces. Only real directories are named: a symbolic link leads to one that is. */
export interface ReplacedDirectories {
  /** One private, writable directory per session, shared by its commands: `/tmp`, `/var/tmp`. */
  readonly temporary: readonly string[];
  /** Empty for every command, because sockets of the host live there: `/run`, `/var/run`. */
  readonly runtime: readonly string[];
  /** Parts of `runtime` that hold programs and stay visible (NixOS). */
  readonly keptRuntime: readonly string[];
}

export interface SessionArgsOptions {
  readonly policy: Policy;
  readonly replaced: ReplacedDirectories;
  /** Secrets that exist now; those that come later are masked command by command. */
  readonly masked: PathSurvey["masked"];
  /** What Koda itself needs to see where it lies below a replaced directory: the Node binary, its own files. */
  readonly ownPaths: readonly string[];
}

/**
 * bubblewrap's arguments for the namespace of a session, which every command later enters. It holds the same walls as a command: mounts are made
 * by path, and a path that a command swaps for a link before the next one mounts it must lead to nothing that may not be written or read.
 */
export function sessionArgs(options: SessionArgsOptions): string[] {
  const { policy, replaced } = options;
  const isReplaced = (path: string): boolean => replaced.temporary.some((directory) => isWithin(directory, path));
  const writable = writableRoots(policy);
  // What lies in a writable directory is seen with it, and stays as writable.
  const own = options.ownPaths.filter((path) => !writable.some((root) => isWithin(root, path)));
  const kept = [
    ...writable.map((path) => ({ path, flag: "--bind-try" })),
    ...[...policy.readOnlyPaths, ...own].filter(isReplaced).map((path) => ({ path, flag: "--ro-bind-try" })),
  ];
  const parents = fixedParents(
    kept.map((entry) => entry.path),
    replaced.temporary,
  );
  return [
    ...["--ro-bind", "/", "/", "--dev-bind", "/dev", "/dev", "--bind", "/proc", "/proc"],
    ...replaced.temporary.flatMap((directory) => ["--perms", "1777", "--tmpfs", directory]),
    ...parents.flatMap((directory) => ["--perms", "0755", "--tmpfs", directory]),
    ...outermostFirst(kept).flatMap(({ flag, path }) => [flag, path, path]),
    ...parents.flatMap((directory) => ["--remount-ro", directory]),
    ...maskArgs(stillThere(options.masked, { replaced, kept: kept.map((entry) => entry.path) })),
    ...["--unshare-user", "--unshare-net", "--die-with-parent"],
  ];
}

export interface CommandArgsOptions {
  readonly policy: Policy;
  readonly survey: PathSurvey;
  readonly replaced: ReplacedDirectories;
  /** True in Plan mode: no writable directory but the private temporary ones. */
  readonly isReadOnly: boolean;
  readonly cwd: string;
  readonly user: { readonly uid: number; readonly gid: number };
  /** Variables on top of the launcher's. They travel here and not in its environment: nothing outside the sandbox may obey them. */
  readonly env: Readonly<Record<string, string>>;
}

/** bubblewrap's arguments for one command inside the session's namespace. Later mounts cover earlier ones, so the order is the policy. */
export function commandArgs(options: CommandArgsOptions): string[] {
  const { policy, survey, replaced } = options;
  const rootFlag = options.isReadOnly ? "--ro-bind-try" : "--bind-try";
  const roots = [
    ...writableRoots(policy).map((path) => ({ path, flag: rootFlag })),
    ...policy.readOnlyPaths.map((path) => ({ path, flag: "--ro-bind-try" })),
  ];
  return [
    ...["--unshare-user", "--uid", `${options.user.uid}`, "--gid", `${options.user.gid}`],
    ...["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"],
    ...["--die-with-parent", "--new-session", "--cap-drop", "ALL", "--disable-userns"],
    ...["--ro-bind", "/", "/"],
    ...replaced.temporary.flatMap((directory) => ["--bind", directory, directory]),
    ...["--dev", "/dev", "--proc", "/proc"],
    ...KERNEL_CONTROLS.flatMap((path) => ["--ro-bind-try", path, path]),
    ...replaced.runtime.flatMap((directory) => ["--tmpfs", directory]),
    ...replaced.keptRuntime.flatMap((directory) => ["--ro-bind-try", directory, directory]),
    ...outermostFirst(roots).flatMap(({ flag, path }) => [flag, path, path]),
    ...replaced.runtime.flatMap((directory) => ["--remount-ro", directory]),
    ...survey.pinned.flatMap((path) => [rootFlag, path, path]),
    ...survey.readOnly.flatMap((path) => ["--ro-bind-try", path, path]),
    ...maskArgs(stillThere(survey.masked, { replaced, kept: roots.map((entry) => entry.path) })),
    ...Object.entries(options.env).flatMap(([name, value]) => ["--setenv", name, value]),
    ...["--chdir", options.cwd],
  ];
}

/** Root may write these without any capability, and they rule the whole machine: core_pattern names a program that the kernel runs. */
const KERNEL_CONTROLS: readonly string[] = [
  "/proc/sys",
  "/proc/sysrq-trigger",
  "/proc/irq",
  "/proc/bus",
  "/proc/fs",
  "/proc/acpi",
  "/proc/scsi",
  "/proc/driver",
  "/proc/mtrr",
];

/** A secret below a replaced directory (a home in /tmp) is gone with it, unless it lies in what was bound back in. */
function stillThere(
  masked: PathSurvey["masked"],
  { replaced, kept }: { readonly replaced: ReplacedDirectories; readonly kept: readonly string[] },
): PathSurvey["masked"] {
  const isGone = (path: string): boolean =>
    [...replaced.temporary, ...replaced.runtime].some((directory) => isWithin(directory, path)) &&
    !kept.some((root) => isWithin(root, path));
  return masked.filter(({ path }) => !isGone(path));
}

function maskArgs(masked: PathSurvey["masked"]): string[] {
  return masked.flatMap(({ path, kind }) =>
    kind === "directory"
      ? ["--perms", "0555", "--tmpfs", path, "--remount-ro", path]
      : ["--ro-bind", "/dev/null", path],
  );
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

function outermostFirst<T extends { readonly path: string }>(entries: readonly T[]): T[] {
  return entries.toSorted((a, b) => a.path.split("/").length - b.path.split("/").length);
}
