import { lstatSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { SandboxError } from "../errors.ts";
import { createFilter, type FilterRules } from "../filter/filter.ts";
import { SECRET_HOME_PATHS, SECRET_SYSTEM_PATHS } from "./always-denied.ts";
import { findMatches } from "./find-matches.ts";
import { findGitDirectory } from "./git-directory.ts";
import { createLimits, type LimitsInput, type ResourceLimits } from "./limits.ts";
import { OWN_PATHS, PROGRAM_DIRECTORIES } from "./needed-paths.ts";
import { hideOtherHomes, listHomes } from "./other-homes.ts";
import type { PathGlob } from "./path-glob.ts";
import { isWithin, toRealPath } from "./real-path.ts";
import { type ResolvedPaths, resolvePaths } from "./resolve-paths.ts";

/**
 * What a confined command may do. Every path is absolute with symbolic links resolved; the value is frozen through and through.
 *
 * Of `writePaths`, `readOnlyPaths` and `readDenyPaths` the deepest that a path lies in decides; of two at the same depth the stricter.
 */
export interface Policy {
  readonly projectRoot: string;
  /** Directories a command may write: the project first, then what was granted beyond it. Empty only where `composePolicy` left none. */
  readonly writePaths: readonly string[];
  /** Visible even where a parent is masked (`/tmp`), and never written, even inside a writable directory. May be empty. */
  readonly readOnlyPaths: readonly string[];
  /** Never written: what matches when a command starts. May be empty. */
  readonly readOnlyGlobs: readonly PathGlob[];
  /** Neither read nor written: asked for by the caller. May be empty. */
  readonly readDenyPaths: readonly string[];
  /** Neither read nor written: what matches when a command starts. May be empty. */
  readonly readDenyGlobs: readonly PathGlob[];
  /** True in Plan mode: nothing is writable but the private `/tmp`, whatever `writePaths` says. */
  readonly isReadOnly: boolean;
  /** Hosts a command may reach. Empty lists: none. */
  readonly hosts: FilterRules;
  readonly limits: ResourceLimits;
  /** Neither read nor written: Koda's own data. May be empty. */
  readonly privateDirs: readonly string[];
  /** Neither read nor written, whatever the caller says: `SECRET_HOME_PATHS`, `SECRET_SYSTEM_PATHS` and, for root, other users' homes. */
  readonly secretPaths: readonly string[];
  /**
   * Where protected paths that appeared during a command are moved, the first that takes them (a move needs the same device): below Koda's own
   * data, beside the project, in a writable directory itself. Need not exist; neither read nor written by commands. Never empty.
   */
  readonly quarantineDirs: readonly string[];
  readonly home: string;
  /** The repository's git directory where it lies outside the project (a worktree); writable but for its protected paths. */
  readonly outerGitDir: string | null;
}

/**
 * What a caller asks for. Paths are absolute, relative to the project, or begin with `~/`. One with `*`, `?`, `[` or `{` is a pattern; one that begins
 * with a double star and a slash is about every writable directory.
 */
export interface PolicyInput {
  /** Must exist and be a directory. Taken as it is: no `~`, no pattern; relative to the working directory. */
  readonly projectRoot: string;
  /**
   * Absent and empty mean: only the project. One that does not exist when a sandbox opens is not granted there. A pattern grants the directories that
   * match now, and follows no link.
   */
  readonly writePaths?: readonly string[] | undefined;
  readonly readOnlyPaths?: readonly string[] | undefined;
  readonly readDenyPaths?: readonly string[] | undefined;
  /** The user's home; need not exist. */
  readonly home: string;
  /** Directories by name: patterns are refused. `escapeWildcards` makes a name of any path. */
  readonly privateDirs?: readonly string[] | undefined;
  /** Absent: false. */
  readonly isReadOnly?: boolean | undefined;
  /** Absent: none. */
  readonly hosts?: FilterRules | undefined;
  /** Absent, and each absent one: `defaultLimits`. */
  readonly limits?: LimitsInput | undefined;
}

/**
 * Resolves and checks what a caller asks for.
 *
 * @throws {SandboxError} `bad_policy` when the project is no directory, when a path or pattern is none, when a writable directory is one that the
 * sandbox itself replaces (`/`, `/tmp`, `/run`, …), or lies in a protected one, when no program could start (`/`, `/usr` denied), for a pattern in `privateDirs`, and for a bad limit; `bad_pattern` and `bad_rules` for bad hosts.
 */
export function createPolicy(input: PolicyInput): Policy {
  const home = toRealPath(input.home);
  const projectRoot = toRealPath(input.projectRoot);
  if (statSync(projectRoot, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new SandboxError("bad_policy", `not a directory: ${JSON.stringify(input.projectRoot)}`);
  }
  const toPaths = (name: string, given: readonly string[] | undefined, everywhere: readonly string[]): ResolvedPaths =>
    resolvePaths(given, { name, home, from: projectRoot, everywhere });
  const granted = toPaths("writePaths", input.writePaths, [projectRoot]);
  const writePaths = [...new Set([projectRoot, ...granted.paths, ...matchingDirectories(granted.globs)])];
  const privateDirs = withoutPatterns("privateDirs", toPaths("privateDirs", input.privateDirs, [projectRoot]));
  const readDeny = toPaths("readDenyPaths", input.readDenyPaths, writePaths);
  refuseNeeded(readDeny.paths);
  const readOnly = toPaths("readOnlyPaths", input.readOnlyPaths, writePaths);
  const outerGitDir = findGitDirectory(projectRoot);
  const needed = [...writePaths, ...readOnly.paths, ...(outerGitDir === null ? [] : [outerGitDir]), ...OWN_PATHS];
  const secretPaths = [
    ...SECRET_HOME_PATHS.map((path) => toRealPath(join(home, path))),
    ...SECRET_SYSTEM_PATHS,
    ...hideOtherHomes({ homes: listHomes(), home, needed }),
  ];
  for (const path of writePaths) refuseUnsafeWritePath(path, [...secretPaths, ...privateDirs]);
  return freezePolicy({
    projectRoot,
    writePaths,
    readOnlyPaths: readOnly.paths,
    readOnlyGlobs: readOnly.globs,
    readDenyPaths: readDeny.paths,
    readDenyGlobs: readDeny.globs,
    isReadOnly: input.isReadOnly ?? false,
    hosts: checkHosts(input.hosts ?? {}),
    limits: createLimits(input.limits ?? {}),
    privateDirs,
    secretPaths,
    quarantineDirs: [
      ...privateDirs.slice(0, 1).map((path) => join(path, "quarantine")),
      join(dirname(projectRoot), QUARANTINE_NAME),
      ...writePaths.map((path) => join(path, QUARANTINE_NAME)),
    ],
    home,
    outerGitDir,
  });
}

/** What Plan mode makes of a policy: the same, and nothing but the private `/tmp` is writable. */
export function forPlan(policy: Policy): Policy {
  return freezePolicy({ ...policy, isReadOnly: true });
}

/** Freezes a policy and everything in it; lists and rules are copied first. */
export function freezePolicy(policy: Policy): Policy {
  const { allow = [], allowPrivate = [], deny = [] } = policy.hosts;
  const hosts = { allow: frozen(allow), allowPrivate: frozen(allowPrivate), deny: frozen(deny) };
  return Object.freeze({
    ...policy,
    writePaths: frozen(policy.writePaths),
    readOnlyPaths: frozen(policy.readOnlyPaths),
    readOnlyGlobs: frozen(policy.readOnlyGlobs),
    readDenyPaths: frozen(policy.readDenyPaths),
    readDenyGlobs: frozen(policy.readDenyGlobs),
    privateDirs: frozen(policy.privateDirs),
    secretPaths: frozen(policy.secretPaths),
    quarantineDirs: frozen(policy.quarantineDirs),
    hosts: Object.freeze(hosts),
  });
}

function frozen<T>(list: readonly T[]): readonly T[] {
  return Object.freeze([...list]);
}

/** Parsed only to see that they can be. */
function checkHosts(hosts: FilterRules): FilterRules {
  createFilter(hosts);
  return hosts;
}

/** Hidden by name: what a pattern came to match later would not be. */
function withoutPatterns(name: string, { paths, globs: [glob] }: ResolvedPaths): readonly string[] {
  if (glob === undefined) return paths;
  throw new SandboxError("bad_policy", `${name}: found the pattern ${JSON.stringify(glob.text)}: wanted a directory`);
}

function matchingDirectories(globs: readonly PathGlob[]): string[] {
  const isDirectory = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  return findMatches(globs, { open: [] }).filter(isDirectory);
}

const QUARANTINE_NAME = ".koda-quarantine";

/** Replaced by the sandbox, or the kernel's own: granting one whole would undo the confinement. */
const REPLACED_DIRECTORIES: readonly string[] = ["/", "/tmp", "/var/tmp", "/run", "/var/run", "/proc", "/sys", "/dev"];
const REPLACED_TREES: readonly string[] = ["/run", "/var/run", "/proc", "/sys", "/dev"];

function refuseNeeded(denied: readonly string[]): void {
  const path = denied.find((each) => PROGRAM_DIRECTORIES.some((directory) => isWithin(each, directory)));
  if (path === undefined) return;
  throw new SandboxError("bad_policy", `readDenyPaths: found ${JSON.stringify(path)}: no program starts without it`);
}

function refuseUnsafeWritePath(path: string, masked: readonly string[]): void {
  if (REPLACED_DIRECTORIES.includes(path) || REPLACED_TREES.some((tree) => isWithin(tree, path))) {
    throw new SandboxError(
      "bad_policy",
      `cannot be made writable: ${JSON.stringify(path)}; choose a directory below it`,
    );
  }
  const parent = masked.find((directory) => isWithin(directory, path));
  if (parent !== undefined) {
    throw new SandboxError("bad_policy", `${JSON.stringify(path)} lies in the protected ${JSON.stringify(parent)}`);
  }
}
