import { resolve } from "node:path";
import { PROTECTED_GIT_PATHS, PROTECTED_HOME_PATHS, PROTECTED_PROJECT_PATHS } from "./always-denied.ts";
import { findGitConfigPaths } from "./git-config-paths.ts";
import { createPathRules } from "./path-rules.ts";
import type { Policy } from "./policy.ts";
import { isWithin, toRealPath } from "./real-path.ts";

export type PathVerdict =
  | { readonly kind: "allow" }
  /** `rule` names the protected path in words for the user and the model. */
  | { readonly kind: "deny"; readonly rule: string };

/** Answers for file tools that run outside the sandbox what the kernel answers inside. */
export interface PathGuard {
  /** `path` is absolute. It is judged as written and with links resolved as far as it exists; the stricter answer holds. */
  check(path: string, access: "read" | "write"): PathVerdict;
}

/**
 * Denies what is denied in every mode: secrets, Koda's own data, kernel and socket directories, and writes to protected files.
 * Whether a path outside the project may be touched is a question of trust, not of this guard. Names are compared without case, because
 * the project may lie on a file system that ignores it.
 */
export function createPathGuard(policy: Policy): PathGuard {
  const unreadable = [
    ...policy.privateDirs.map((path) => ({ path: fold(path), rule: "Koda's own data" })),
    ...policy.quarantineDirs.map((path) => ({
      path: fold(path),
      rule: `${path} (moved out of the way by the sandbox)`,
    })),
    ...policy.secretPaths.map((path) => ({ path: fold(path), rule: `${path} (may hold secrets)` })),
    ...KERNEL_DIRECTORIES.map((path) => ({ path, rule: `${path} (processes, devices and sockets of this machine)` })),
  ];
  const unwritable = [
    ...PROTECTED_HOME_PATHS.map((name) => ({
      path: fold(toRealPath(`${policy.home}/${name}`)),
      rule: `~/${name} (read at login)`,
    })),
    ...policy.writePaths.flatMap((root) =>
      PROTECTED_PROJECT_PATHS.map((name) => ({ path: fold(`${root}/${name}`), rule: `${name} (protected)` })),
    ),
    ...policy.writePaths.map((root) => ({ path: fold(`${root}/HEAD`), rule: "HEAD (makes a directory a repository)" })),
    ...policy.writePaths.flatMap((root) =>
      [`${root}/.git`, policy.outerGitDir ?? root]
        .flatMap((directory) =>
          findGitConfigPaths({ configPath: `${directory}/config`, workingTree: root, home: policy.home }),
        )
        .map((path) => ({ path: fold(toRealPath(path)), rule: `${path} (named in the repository's configuration)` })),
    ),
  ];
  const decide = createPathRules(policy);
  const checkOne = (path: string, access: "read" | "write"): PathVerdict => {
    const folded = fold(path);
    const hit =
      unreadable.find((entry) => isWithin(entry.path, folded)) ??
      (access === "write" ? unwritable.find((entry) => isWithin(entry.path, folded)) : undefined);
    if (hit !== undefined) return { kind: "deny", rule: hit.rule };
    const named = decide(path);
    if (named.kind === "hidden") return { kind: "deny", rule: `${named.rule} (not to be read)` };
    if (named.kind === "read-only" && access === "write") return { kind: "deny", rule: `${named.rule} (read-only)` };
    if (access === "write" && isGitControlFile(folded, policy)) {
      return { kind: "deny", rule: "git hooks and configuration (git runs what they name)" };
    }
    return { kind: "allow" };
  };
  return {
    check(path, access) {
      const written = checkOne(resolve(path), access);
      return written.kind === "deny" ? written : checkOne(toRealPath(path), access);
    },
  };
}

const KERNEL_DIRECTORIES: readonly string[] = ["/proc", "/sys", "/dev", "/run", "/var/run"];

/** In any repository, not only the project's: `…/.git/hooks/pre-commit`, `…/.git/modules/x/config`, and a `.git` that is replaced itself. */
function isGitControlFile(path: string, policy: Policy): boolean {
  const segments = path.split("/");
  const at = segments.lastIndexOf(".git");
  if (at === -1) return policy.outerGitDir !== null && isControlName(fold(policy.outerGitDir), path);
  if (at === segments.length - 1) return true;
  return isControlName(segments.slice(0, at + 1).join("/"), path);
}

function isControlName(gitDirectory: string, path: string): boolean {
  if (!isWithin(gitDirectory, path)) return false;
  const inside = path.slice(gitDirectory.length + 1);
  const isNested = /^(?:modules|worktrees)\//.test(inside);
  return PROTECTED_GIT_PATHS.some((name) => (isNested ? `/${inside}/`.includes(`/${name}/`) : isWithin(name, inside)));
}

function fold(path: string): string {
  return path.toLowerCase();
}
