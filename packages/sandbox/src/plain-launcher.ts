import type { Launcher, LaunchRequest } from "./launch.ts";

/** Commands run with a scrubbed environment and nothing else around them: where the kernel cannot confine. */
export function createPlainLauncher(environment: Readonly<Record<string, string>>): Launcher {
  const prepare = ({ argv, cwd, env }: LaunchRequest): ReturnType<Launcher["prepare"]> => ({
    command: argv as [string, ...string[]], // checked by openSandbox: never empty
    confinement: null,
    environment: { ...environment, ...env },
    cwd,
    survey: null,
    changesSince: () => ({ hasAny: false, gone: [] }),
  });
  return { prepare };
}
