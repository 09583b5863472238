import { type Dirent, lstatSync, readdirSync, readlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { PROTECTED_GIT_PATHS, PROTECTED_HOME_PATHS, PROTECTED_PROJECT_PATHS } from "../policy/always-denied.ts";
import { findDeniedPaths } from "../policy/find-denied-paths.ts";
import { findMatches, type Recall } from "../policy/find-matches.ts";
import { findGitConfigPaths, findWorkingTree } from "../policy/git-config-paths.ts";
import { readGitPointer } from "../policy/git-directory.ts";
import type { Policy } from "../policy/policy.ts";
import { isWithin, toRealPath } from "../policy/real-path.ts";
import { toMountable, type Walls } from "./walls.ts";

/** The protected paths of a policy as they are on disk at one moment: what to mount over, and what to look for afterwards. */
export interface PathSurvey extends Walls {
  /** Protected paths inside a writable directory with nothing to mount over: absent ones, and symbolic links with where they point. */
  readonly watched: readonly { readonly path: string; readonly linkTarget: string | null }[];
  /** Absent `.git`s. `git init` may make a directory there; a link or a pointer file would lead git to hooks that nothing protects. */
  readonly absentGitDirectories: readonly string[];
  /** Those of the masked sockets of this machine that lie in a writable directory: see `removeGhosts`. */
  readonly maskedSockets: readonly string[];
}

/**
 * Looks at a bounded number of names; its cost does not depend on the size of the project. `hostSockets` are names of Unix sockets of this machine,
 * each masked where it still is one: they lead past the namespace of the network. Patterns of the policy cost a look at every name they are about, or what `recall` makes of it.
 *
 * @throws {SandboxError} `bad_policy` when a pattern is about more names than are looked at.
 */
export function surveyPaths(policy: Policy, hostSockets: readonly string[] = [], recall?: Recall): PathSurvey {
  const kindOf = lookOnce();
  const roots = [...policy.writePaths, ...(policy.outerGitDir === null ? [] : [policy.outerGitDir])];
  const rootOf = (path: string): string | undefined =>
    deepest(roots.filter((root) => path !== root && isWithin(root, path)));
  const grants = [...roots, ...policy.readOnlyPaths];
  const readOnly = new Set<string>();
  const masked: { readonly path: string; readonly kind: "directory" | "file" }[] = [];
  const watched: { path: string; linkTarget: string | null }[] = [];
  const absentGitDirectories = policy.writePaths
    .map((root) => join(root, ".git"))
    .filter((path) => kindOf(path) === "absent");

  for (const named of [...policy.secretPaths, ...policy.privateDirs]) {
    const path = kindOf(named) === "link" ? toRealPath(named) : named; // became a link after the policy was made
    const kind = kindOf(path);
    if (kind === "directory" || kind === "file") masked.push({ path, kind });
  }
  const covered: string[] = [];
  for (const path of findDeniedPaths(policy, grants, recall)) {
    const kind = kindOf(path);
    if (kind === "directory" && grants.some((grant) => grant !== path && isWithin(path, grant))) covered.push(path);
    else if (kind === "directory" || kind === "file") masked.push({ path, kind });
  }
  const sockets = hostSockets.filter(isSocket);
  for (const path of sockets) masked.push({ path, kind: "file" });
  for (const path of policy.quarantineDirs) if (kindOf(path) === "directory") masked.push({ path, kind: "directory" });
  const isCovered = (path: string): boolean => {
    const cover = deepest(covered.filter((directory) => isWithin(directory, path)));
    return (
      cover !== undefined && !grants.some((grant) => grant !== cover && isWithin(cover, grant) && isWithin(grant, path))
    );
  };
  const isMasked = (path: string): boolean => masked.some((mask) => isWithin(mask.path, path)) || isCovered(path);
  const protect = (path: string): void => {
    const root = rootOf(path);
    if (root === undefined || isMasked(path)) return;
    const link = firstLink(root, path, kindOf);
    if (link !== null) {
      watched.push({ path: link, linkTarget: readlinkSync(link) });
      const target = toRealPath(path);
      if (target !== path) protect(target); // a loop resolves to itself
    } else if (kindOf(path) === "absent") watched.push({ path, linkTarget: null });
    else readOnly.add(path);
  };
  for (const path of new Set(protectedPaths(policy, kindOf))) protect(path);
  for (const path of [...policy.secretPaths, ...policy.readDenyPaths]) if (kindOf(path) === "absent") protect(path);
  const hasInside = (path: string): boolean =>
    [...policy.writePaths, ...covered].some((inner) => inner !== path && isWithin(path, inner));
  for (const path of policy.readOnlyPaths) {
    if (kindOf(path) === "absent") protect(path);
    else if (!isMasked(path) && !hasInside(path)) readOnly.add(path); // else it is mounted before what it has inside
  }
  for (const path of findMatches(policy.readOnlyGlobs, { open: [], recall })) protect(path);
  const mountedAnyway = new Set([...readOnly, ...policy.readOnlyPaths, ...covered]);
  const pinned = new Set<string>();
  for (const path of [
    ...readOnly,
    ...covered,
    ...masked.map((mask) => mask.path),
    ...watched.map((watch) => watch.path),
  ]) {
    const root = rootOf(path);
    if (root === undefined) continue;
    for (let parent = dirname(path); parent !== root && isWithin(root, parent); parent = dirname(parent)) {
      if (kindOf(parent) === "directory" && firstLink(root, parent, kindOf) === null) pinned.add(parent);
    }
  }
  for (const root of roots) {
    const outer = roots.filter((other) => other !== root && isWithin(other, root));
    for (
      let parent = dirname(root);
      outer.some((other) => other !== parent && isWithin(other, parent));
      parent = dirname(parent)
    ) {
      if (!roots.includes(parent)) pinned.add(parent);
    }
  }
  return {
    pinned: [...pinned]
      .filter((path) => !mountedAnyway.has(path) && !isMasked(path))
      .sort(byDepth)
      .map(toMountable),
    readOnly: [...readOnly].sort(byDepth).map(toMountable),
    masked: dropRepeats(masked)
      .filter(({ path }) => !isMasked(dirname(path)) && !isCovered(path))
      .sort((a, b) => byDepth(a.path, b.path))
      .map((mask) => ({ ...mask, ...toMountable(mask.path) })),
    covered: covered
      .filter((path) => !masked.some((mask) => isWithin(mask.path, path)))
      .sort(byDepth)
      .map(toMountable),
    watched: dropRepeats(watched),
    absentGitDirectories,
    maskedSockets: sockets.filter((path) => rootOf(path) !== undefined),
  };
}

const MAX_GIT_DIRECTORIES = 256; // what lies beyond is read-only whole

/** One is enough: a command can take the others away, or make links of them, and git gives them back. */
const GIT_DIRECTORY_SIGNS: readonly string[] = ["HEAD", "config", "objects", "refs", "commondir"];

function* protectedPaths(policy: Policy, kindOf: KindOf): Generator<string> {
  for (const root of policy.writePaths) {
    for (const name of PROTECTED_PROJECT_PATHS) yield join(root, name);
    yield* gitPaths(join(root, ".git"), kindOf);
    for (const gitDirectory of [join(root, ".git"), policy.outerGitDir ?? root]) {
      yield* findGitConfigPaths({ configPath: join(gitDirectory, "config"), workingTree: root, home: policy.home });
    }
    if (kindOf(join(root, "HEAD")) === "absent")
      yield join(root, "HEAD"); // would make the root itself a bare repository
    else yield* gitPaths(root, kindOf);
  }
  if (policy.outerGitDir !== null) yield* gitPaths(policy.outerGitDir, kindOf);
  for (const name of PROTECTED_HOME_PATHS) yield join(policy.home, name);
}

function* gitPaths(gitDirectory: string, kindOf: KindOf): Generator<string> {
  if (kindOf(toRealPath(gitDirectory)) === "file") {
    yield gitDirectory; // a worktree's or submodule's pointer
    const target = readGitPointer(gitDirectory);
    if (target !== null && kindOf(target) === "directory") yield* gitPaths(target, kindOf);
    return;
  }
  for (const name of PROTECTED_GIT_PATHS) yield join(gitDirectory, name);
  const nested = [join(gitDirectory, "modules"), join(gitDirectory, "worktrees")];
  for (let looked = 0; nested.length > 0 && looked < MAX_GIT_DIRECTORIES; looked++) {
    const directory = nested.shift() as string; // length checked
    for (const entry of listDirectories(directory, kindOf)) {
      const path = join(directory, entry.name);
      const isGitDirectory = GIT_DIRECTORY_SIGNS.some((name) => kindOf(join(path, name)) !== "absent");
      if (isGitDirectory) {
        for (const name of PROTECTED_GIT_PATHS) yield join(path, name);
        // Git outside asks a submodule for its state, and believes this file where the submodule's repository is.
        const pointer = join(findWorkingTree(path) ?? path, ".git");
        if (kindOf(pointer) === "file") yield pointer;
      }
      nested.push(isGitDirectory ? join(path, "modules") : path);
    }
  }
  yield* nested.filter((path) => kindOf(path) === "directory");
}

function listDirectories(directory: string, kindOf: KindOf): Dirent[] {
  if (kindOf(directory) !== "directory") return [];
  try {
    return readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  } catch {
    return []; // not readable for us, so not for the command either
  }
}

/** The first symbolic link between `root` and `path` (inclusive): a mount made through one would land somewhere else. */
function firstLink(root: string, path: string, kindOf: KindOf): string | null {
  for (let at = root.length; at !== -1; ) {
    at = path.indexOf("/", at + 1);
    const part = at === -1 ? path : path.slice(0, at);
    if (kindOf(part) === "link") return part;
  }
  return null;
}

type Kind = "absent" | "link" | "directory" | "file";
type KindOf = (path: string) => Kind;

/** Looks at each path once: many are asked about several times, and most lie in directories that are not there. */
function lookOnce(): KindOf {
  const known = new Map<string, Kind>([["/", "directory"]]);
  const kindOf = (path: string): Kind => {
    let kind = known.get(path);
    if (kind === undefined) {
      const parent = kindOf(dirname(path));
      kind = parent === "absent" || parent === "file" ? "absent" : look(path);
      known.set(path, kind);
    }
    return kind;
  };
  return kindOf;
}

function look(path: string): Kind {
  try {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return "absent";
    if (stats.isSymbolicLink()) return "link";
    return stats.isDirectory() ? "directory" : "file";
  } catch {
    return "absent"; // below a file, or not reachable for us
  }
}

function isSocket(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true;
  } catch {
    return false; // not reachable for us, so not for the command either
  }
}

function deepest(directories: readonly string[]): string | undefined {
  return directories.toSorted(byDepth).at(-1);
}

function byDepth(a: string, b: string): number {
  return a.split("/").length - b.split("/").length || (a < b ? -1 : 1);
}

function dropRepeats<T extends { readonly path: string }>(entries: readonly T[]): T[] {
  return [...new Map(entries.map((entry) => [entry.path, entry])).values()];
}
