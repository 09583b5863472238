import { statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { SandboxError } from "../errors.ts";
import { SECRET_HOME_PATHS, SECRET_SYSTEM_PATHS } from "./always-denied.ts";
import { findGitDirectory } from "./git-directory.ts";
import { hideOtherHomes, listHomes } from "./other-homes.ts";
import { isWithin, toRealPath } from "./real-path.ts";

/** What a confined command may read and write. Every path is absolute with symbolic links resolved; the value is frozen. */
export interface Policy {
  readonly projectRoot: string;
  /** Directories a command may write: the project first, then what was granted beyond it. Never empty. */
  readonly writePaths: readonly string[];
  /** Visible even where a parent is masked (`/tmp`), and never written, even inside a writable directory. May be empty. */
  readonly readOnlyPaths: readonly string[];
  /** Neither read nor written: asked for by the caller. May be empty. */
  readonly readDenyPaths: readonly string[];
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

export interface PolicyInput {
  /** Must exist and be a directory. */
  readonly projectRoot: string;
  /** Absent and empty mean: only the project. One that does not exist when a sandbox opens is not granted there. */
  readonly writePaths?: readonly string[] | undefined;
  readonly readOnlyPaths?: readonly string[] | undefined;
  readonly readDenyPaths?: readonly string[] | undefined;
  /** The user's home; need not exist. */
  readonly home: string;
  readonly privateDirs?: readonly string[] | undefined;
}

/**
 * Resolves and checks what a caller asks for.
 *
 * @throws {SandboxError} `bad_policy` when the project is no directory, or when a writable directory is one that the sandbox itself replaces
 * (`/`, `/tmp`, `/run`, …) or lies in a protected one.
 */
export function createPolicy(input: PolicyInput): Policy {
  const home = toRealPath(input.home);
  const projectRoot = toRealPath(input.projectRoot);
  if (statSync(projectRoot, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new SandboxError("bad_policy", `not a directory: ${JSON.stringify(input.projectRoot)}`);
  }
  const privateDirs = resolveAll(input.privateDirs);
  const readDenyPaths = resolveAll(input.readDenyPaths);
  const readOnlyPaths = resolveAll(input.readOnlyPaths);
  const writePaths = [...new Set([projectRoot, ...resolveAll(input.writePaths)])];
  const outerGitDir = findGitDirectory(projectRoot);
  const needed = [...writePaths, ...readOnlyPaths, ...(outerGitDir === null ? [] : [outerGitDir]), ...OWN_PATHS];
  const secretPaths = [
    ...SECRET_HOME_PATHS.map((path) => toRealPath(join(home, path))),
    ...SECRET_SYSTEM_PATHS,
    ...hideOtherHomes({ homes: listHomes(), home, needed }),
  ];
  for (const path of writePaths) refuseUnsafeWritePath(path, [...secretPaths, ...privateDirs]);
  return Object.freeze({
    projectRoot,
    writePaths: Object.freeze(writePaths),
    readOnlyPaths: Object.freeze(readOnlyPaths),
    readDenyPaths: Object.freeze(readDenyPaths),
    privateDirs: Object.freeze(privateDirs),
    secretPaths: Object.freeze(secretPaths),
    quarantineDirs: Object.freeze([
      ...privateDirs.slice(0, 1).map((path) => join(path, "quarantine")),
      join(dirname(projectRoot), QUARANTINE_NAME),
      ...writePaths.map((path) => join(path, QUARANTINE_NAME)),
    ]),
    home,
    outerGitDir,
  });
}

/** The helper in the session's namespace is run from these. */
const OWN_PATHS: readonly string[] = [process.execPath, fileURLToPath(import.meta.url)].map(toRealPath);

const QUARANTINE_NAME = ".koda-quarantine";

/** Replaced by the sandbox, or the kernel's own: granting one whole would undo the confinement. */
const REPLACED_DIRECTORIES: readonly string[] = ["/", "/tmp", "/var/tmp", "/run", "/var/run", "/proc", "/sys", "/dev"];
const REPLACED_TREES: readonly string[] = ["/run", "/var/run", "/proc", "/sys", "/dev"];

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

function resolveAll(paths: readonly string[] | undefined): string[] {
  return (paths ?? []).map(toRealPath);
}
