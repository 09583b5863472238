import { spawn } from "node:child_process";
import { toChildEnv } from "./child-env.ts";
import type { ServerExit, SpawnServer } from "./server-process.ts";

/**
 * Starts servers as ordinary processes, **unconfined**, for embedders that bring their own walls.
 * Each is a process group of its own, with the allowlisted variables of `parentEnv` only.
 */
export function spawnPlain(parentEnv: Readonly<Record<string, string | undefined>>): SpawnServer {
  return ({ command, args, env }) => {
    const child = spawn(command, [...args], {
      env: toChildEnv(parentEnv, env),
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
    });
    const exited = new Promise<ServerExit>((resolve) => {
      child.once("error", (error) => resolve({ exitCode: null, message: `cannot start: ${error.message}` }));
      child.once("exit", (exitCode, signal) => resolve({ exitCode, signal }));
    });
    const kill = (): void => {
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, "SIGKILL");
      } catch {
        // ESRCH: the group is gone, which is what was asked for
      }
    };
    return { stdin: child.stdin, stdout: child.stdout, stderr: child.stderr, exited, kill };
  };
}
