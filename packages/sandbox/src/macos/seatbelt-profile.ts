import { dirname, join } from "node:path";
import { PROTECTED_GIT_PATHS, PROTECTED_HOME_PATHS, PROTECTED_PROJECT_PATHS } from "../policy/always-denied.ts";
import type { Policy } from "../policy/policy.ts";
import { isWithin } from "../policy/real-path.ts";
import { toRegexSource } from "./glob-source.ts";
import { anyCase, literals, quote, regexes, subpaths, toAnyCase, toKernelPath } from "./seatbelt-text.ts";
import { KERNEL_SETTINGS, MACH_SERVICES, SECRET_LIBRARY_PATHS, SECRET_MAC_PATHS } from "./secret-library-paths.ts";

export interface ProfileOptions {
  readonly policy: Policy;
  /** True in Plan mode: nothing is writable but the temporary directory. */
  readonly isReadOnly: boolean;
  /** Ports on this machine's loopback: all that can be connected to. */
  readonly proxyPorts: readonly number[];
  /** The session's own, writable. */
  readonly temporaryDirectory: string;
  /** More protected paths, as the repository names them now. */
  readonly protectedPaths: readonly string[];
  /** Ends every line that the kernel logs about a denial. */
  readonly logTag: string;
}

/**
 * The Seatbelt profile (sandbox-exec(1)) of one command. The last rule that matches decides, so rules come from the outermost directory to the deepest,
 * and what no policy may open comes last. Pure; the text is tested, what macOS makes of it is not yet.
 *
 * @throws {SandboxError} `bad_policy` for a path that cannot be written into a profile.
 */
export function seatbeltProfile(options: ProfileOptions): string {
  const { policy } = options;
  const roots = [...policy.writePaths, ...(policy.outerGitDir === null ? [] : [policy.outerGitDir])];
  const hidden = [
    ...policy.secretPaths,
    ...policy.privateDirs,
    ...policy.quarantineDirs,
    ...SECRET_LIBRARY_PATHS.map((name) => join(policy.home, name)),
    ...SECRET_MAC_PATHS,
  ];
  return [
    `(version 1)`,
    `(deny default (with message ${quote(options.logTag)}))`,
    ...PROCESSES,
    rule(
      "allow",
      "mach-lookup",
      MACH_SERVICES.map((name) => `(global-name ${quote(name)})`),
    ),
    rule("allow", "sysctl-read", [
      ...KERNEL_SETTINGS.map((name) => `(sysctl-name ${quote(name)})`),
      `(sysctl-name-prefix "hw.")`,
      `(sysctl-name-prefix "machdep.cpu.")`,
    ]),
    ...DEVICES,
    `(allow file-read*)`,
    ...ownPathRules(options, roots),
    rule("allow", "file-read* file-write*", subpaths([options.temporaryDirectory])),
    rule(
      "deny",
      HIDE,
      policy.readDenyGlobs.flatMap(({ base, pattern }) => regexes(base, toRegexSource(pattern))),
    ),
    rule(
      "deny",
      "file-write*",
      policy.readOnlyGlobs.flatMap(({ base, pattern }) => regexes(base, toRegexSource(pattern))),
    ),
    rule("deny", HIDE, subpaths(hidden)),
    rule("deny", "file-write*", [
      ...roots.flatMap((root) => PROTECTED_PROJECT_PATHS.flatMap((name) => anyCase(root, name))),
      ...roots.flatMap((root) => gitFilters(root)),
      ...[...PROTECTED_HOME_PATHS, "Library"].flatMap((name) => anyCase(policy.home, name)),
      ...subpaths(options.protectedPaths),
    ]),
    rule("deny", "file-write-unlink", literals(findAncestors(options, roots, hidden))),
    `(deny file-write-setugid)`,
    ...network(options.proxyPorts),
    "",
  ]
    .filter((line) => line !== null)
    .join("\n");
}

const HIDE = "file-read* file-write*";

const PROCESSES: readonly string[] = [
  `(allow process-exec)`,
  `(allow process-fork)`,
  `(allow process-info* (target same-sandbox))`,
  `(allow signal (target same-sandbox))`,
  `(allow ipc-posix-sem)`,
  `(allow pseudo-tty)`,
];

/** Of terminals only those it opens itself: ioctl(2) on the user's could type into it. */
const DEVICES: readonly string[] = [
  `(allow file-write* (literal "/dev/null") (literal "/dev/zero") (subpath "/dev/fd"))`,
  `(allow file-read* file-write* file-ioctl (literal "/dev/ptmx"))`,
  `(allow file-read* file-write* file-ioctl (require-all (regex #"^/dev/ttys[0-9]+$") (extension "com.apple.sandbox.pty")))`,
];

/** Where every user of the machine keeps files and sockets; commands have a directory of their own instead. */
const SHARED_DIRECTORIES: readonly string[] = ["/private/tmp", "/private/var/tmp"];

/** Denials, grants and read-only paths of the caller's, the deepest last; of one path the strictest last. */
function ownPathRules({ policy, isReadOnly }: ProfileOptions, roots: readonly string[]): (string | null)[] {
  const hidden = [...SHARED_DIRECTORIES, ...policy.readDenyPaths];
  const entries = [
    ...roots.map((path) => ({ path: toKernelPath(path), kind: "write" as const })),
    ...policy.readOnlyPaths.map((path) => ({ path: toKernelPath(path), kind: "read-only" as const })),
    ...hidden.map((path) => ({ path: toKernelPath(path), kind: "hidden" as const })),
  ].toSorted((a, b) => a.path.split("/").length - b.path.split("/").length);
  return entries.flatMap(({ path, kind }) => {
    const filters = subpaths([path]);
    if (kind === "hidden") return [rule("deny", HIDE, filters)];
    const isInsideHidden = hidden.some(
      (directory) => toKernelPath(directory) !== path && isWithin(toKernelPath(directory), path),
    );
    const way = isInsideHidden ? [rule("allow", "file-read-metadata", literals(parentsOf(path)))] : [];
    const isWritable = kind === "write" && !isReadOnly && !policy.isReadOnly;
    return [...way, rule("allow", "file-read*", filters), rule(isWritable ? "allow" : "deny", "file-write*", filters)];
  });
}

/** Of every repository in the root, submodules and worktrees included, and of the root as a git directory. */
function gitFilters(root: string): string[] {
  const git = root.endsWith(".git") ? "(.*/)?" : "(.*/)?[.][gG][iI][tT]/(.*/)?";
  const below = PROTECTED_GIT_PATHS.flatMap((name) => regexes(root, `${git}${toAnyCase(name)}`));
  return [...below, ...(root.endsWith(".git") ? [] : anyCase(root, "HEAD"))];
}

/** Directories inside a writable one on the way to what is denied there: renaming one would take it to a path that no rule names. */
function findAncestors(options: ProfileOptions, roots: readonly string[], hidden: readonly string[]): string[] {
  const { policy, protectedPaths } = options;
  const named = [
    ...hidden,
    ...protectedPaths,
    ...policy.readDenyPaths,
    ...policy.readOnlyPaths,
    ...[...policy.readDenyGlobs, ...policy.readOnlyGlobs].map(({ base }) => join(base, "x")),
    ...roots.flatMap((root) => [...PROTECTED_PROJECT_PATHS, ".git/x", ".git/info/x"].map((name) => join(root, name))),
    ...PROTECTED_HOME_PATHS.map((name) => join(policy.home, name)),
  ];
  const ancestors = named.flatMap((path) => [...(roots.includes(path) ? [path] : []), ...parentsOf(path)]);
  return [...new Set(ancestors)].filter((path) => roots.some((root) => isWithin(root, path))).sort();
}

function parentsOf(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [] : [...parentsOf(parent), parent];
}

/** A server may listen on the loopback; nothing can be connected to but the proxies, which resolve names, too. */
function network(ports: readonly number[]): string[] {
  return [
    `(allow network-bind network-inbound (local ip "localhost:*"))`,
    ...ports.map((port) => `(allow network-outbound (remote ip "localhost:${port}"))`),
  ];
}

function rule(verdict: "allow" | "deny", operations: string, filters: readonly string[]): string | null {
  return filters.length === 0 ? null : `(${verdict} ${operations}\n  ${filters.join("\n  ")})`;
}
