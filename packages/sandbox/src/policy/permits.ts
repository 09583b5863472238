import { createPathGuard } from "./path-guard.ts";
import { createPathRules } from "./path-rules.ts";
import type { Policy } from "./policy.ts";
import { toRealPath } from "./real-path.ts";

/**
 * Whether a policy lets a confined command read or write a file of this machine. What the sandbox puts in its place (a private `/tmp`) is no file of
 * this machine. `path` is absolute; links are resolved as far as it exists.
 */
export function createPermits(policy: Policy): (path: string, access: "read" | "write") => boolean {
  const guard = createPathGuard(policy);
  const decide = createPathRules(policy, REPLACED_DIRECTORIES);
  return (path, access) => {
    if (guard.check(path, access).kind === "deny") return false;
    const { kind } = decide(toRealPath(path));
    if (access === "read") return kind !== "hidden";
    return kind === "write" && !policy.isReadOnly;
  };
}

const REPLACED_DIRECTORIES: readonly string[] = ["/tmp", "/var/tmp"];
