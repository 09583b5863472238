import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { Launch, Launcher, LaunchRequest } from "../launch.ts";
import { PROTECTED_GIT_PATHS } from "../policy/always-denied.ts";
import { findGitConfigPaths } from "../policy/git-config-paths.ts";
import { readGitPointer } from "../policy/git-directory.ts";
import type { Policy } from "../policy/policy.ts";
import { toRealPath } from "../policy/real-path.ts";
import { seatbeltProfile } from "./seatbelt-profile.ts";

export interface SeatbeltLauncherOptions {
  readonly policy: Policy;
  readonly proxyPorts: readonly number[];
  readonly temporaryDirectory: string;
  readonly program: string;
  /** Scrubbed. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Commands start under a profile that is written for each of them, since what git obeys may have changed. */
export function createSeatbeltLauncher(options: SeatbeltLauncherOptions): Launcher {
  const logTag = `koda-${randomUUID()}`; // nobody else's denials bear it
  const prepare = ({ argv, cwd, env, isReadOnly }: LaunchRequest): Launch => {
    const profile = seatbeltProfile({ ...options, isReadOnly, logTag, protectedPaths: findNamedPaths(options.policy) });
    return {
      command: [options.program, "-p", profile, "--", ...argv],
      confinement: null,
      environment: { ...options.environment, ...env },
      cwd,
      survey: null,
      changesSince: () => ({ hasAny: false, gone: [] }),
    };
  };
  return { prepare };
}

/** What repositories name for git to obey elsewhere, and where a `.git` file leads. */
function findNamedPaths({ writePaths, home }: Policy): string[] {
  return writePaths.flatMap((root) => {
    const pointer = readGitPointer(join(root, ".git"));
    const gitDirectory = pointer ?? join(root, ".git");
    const named = findGitConfigPaths({ configPath: join(gitDirectory, "config"), workingTree: root, home });
    const led = pointer === null ? [] : PROTECTED_GIT_PATHS.map((name) => join(pointer, name));
    return [...named, ...led].map(toRealPath);
  });
}
