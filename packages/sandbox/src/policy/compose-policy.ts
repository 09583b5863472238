import { join } from "node:path";
import { SandboxError } from "../errors.ts";
import { composeHosts } from "./compose-hosts.ts";
import { findGitConfigPaths } from "./git-config-paths.ts";
import { composeLimits } from "./limits.ts";
import type { PathGlob } from "./path-glob.ts";
import { createPermits } from "./permits.ts";
import { freezePolicy, type Policy } from "./policy.ts";
import { isWithin, toRealPath } from "./real-path.ts";

/**
 * A policy that permits only what both permit: denials of either, grants, hosts and limits of both. Its project is the one that lies in the other's, or
 * in a directory that the other may write.
 *
 * @throws {SandboxError} `bad_policy` when the projects lie apart, or when the policies are of two homes.
 */
export function composePolicy(parent: Policy, child: Policy): Policy {
  if (parent.home !== child.home) {
    const homes = `${JSON.stringify(parent.home)} and ${JSON.stringify(child.home)}`;
    throw new SandboxError("bad_policy", `two policies of one user are wanted, found those of ${homes}`);
  }
  const permits = [parent, child].map((policy) => createPermits({ ...policy, isReadOnly: false }));
  // A grant counts only where both permit it, so that a grant of one never lies deeper than a denial of the other.
  const isReadable = (path: string): boolean => permits.every((permit) => permit(path, "read"));
  const isGranted = (path: string): boolean => isReadable(path) && permits.every((permit) => permit(path, "write"));
  const outerGitDir = chooseGitDir(parent, child, isGranted);
  const otherGitDirs = [parent, child]
    .flatMap((policy) => policy.outerGitDir ?? [])
    .filter((path) => path !== outerGitDir);
  const roots = innerDirectories(parent.writePaths, child.writePaths);
  const writePaths = roots.filter(isGranted);
  const readOnlyPaths = [
    ...roots.filter((path) => !writePaths.includes(path)), // may still be what makes them visible
    ...[parent, child].flatMap((policy) => [
      ...policy.readOnlyPaths,
      ...namedByGit(
        policy.writePaths.filter((root) => !writePaths.includes(root)),
        policy.home,
      ),
    ]),
  ];
  return freezePolicy({
    projectRoot: chooseProject(parent, child),
    writePaths,
    readOnlyPaths: union(readOnlyPaths, otherGitDirs).filter(isReadable),
    readOnlyGlobs: unionGlobs(parent.readOnlyGlobs, child.readOnlyGlobs),
    readDenyPaths: union(parent.readDenyPaths, child.readDenyPaths),
    readDenyGlobs: unionGlobs(parent.readDenyGlobs, child.readDenyGlobs),
    isReadOnly: parent.isReadOnly || child.isReadOnly,
    hosts: composeHosts(parent.hosts, child.hosts),
    limits: composeLimits(parent.limits, child.limits),
    privateDirs: union(parent.privateDirs, child.privateDirs),
    secretPaths: union(parent.secretPaths, child.secretPaths),
    quarantineDirs: union(parent.quarantineDirs, child.quarantineDirs),
    home: parent.home,
    outerGitDir,
  });
}

function chooseProject(parent: Policy, child: Policy): string {
  const isIn = (inner: Policy, outer: Policy): boolean =>
    [outer.projectRoot, ...outer.writePaths].some((root) => isWithin(root, inner.projectRoot));
  if (isIn(child, parent)) return child.projectRoot;
  if (isIn(parent, child)) return parent.projectRoot;
  throw new SandboxError(
    "bad_policy",
    `the project ${JSON.stringify(child.projectRoot)} lies in nothing that the other policy, of ${JSON.stringify(parent.projectRoot)}, may write`,
  );
}

function chooseGitDir(parent: Policy, child: Policy, isGranted: (path: string) => boolean): string | null {
  return [child.outerGitDir, parent.outerGitDir].find((path) => path !== null && isGranted(path)) ?? null;
}

/** What the repositories of directories that are no longer writable as a whole let git run; the ones that still are look for themselves. */
function namedByGit(roots: readonly string[], home: string): string[] {
  return roots
    .flatMap((root) => findGitConfigPaths({ configPath: join(root, ".git/config"), workingTree: root, home }))
    .map(toRealPath);
}

/** Of each pair of which one lies in the other, the inner one. */
function innerDirectories(left: readonly string[], right: readonly string[]): string[] {
  const pairs = left.flatMap((a) => right.flatMap((b) => (isWithin(a, b) ? [b] : isWithin(b, a) ? [a] : [])));
  return [...new Set(pairs)];
}

function union(left: readonly string[], right: readonly string[]): string[] {
  return [...new Set([...left, ...right])];
}

function unionGlobs(left: readonly PathGlob[], right: readonly PathGlob[]): PathGlob[] {
  return [...new Map([...left, ...right].map((glob) => [`${glob.base}\0${glob.pattern}`, glob])).values()];
}
