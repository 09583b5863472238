import { fileURLToPath } from "node:url";
import { toRealPath } from "./real-path.ts";

/** Where the programs of a system lie, and what every one of them needs: nothing starts where one of these is hidden. Links resolved, too. */
export const PROGRAM_DIRECTORIES: readonly string[] = withTargets([
  "/usr",
  "/bin",
  "/sbin",
  "/lib",
  "/lib32",
  "/lib64",
  "/nix",
  "/proc",
  "/dev",
]);

/** Directories that programs need as a whole, though not every file in them. */
export const SHARED_DIRECTORIES: readonly string[] = ["/etc", "/opt", "/var"];

/** Node and this package: the helper in the session's namespace is run from these. */
export const OWN_PATHS: readonly string[] = [process.execPath, fileURLToPath(import.meta.url)].map(toRealPath);

function withTargets(paths: readonly string[]): readonly string[] {
  return [...new Set([...paths, ...paths.map(toRealPath)])];
}
