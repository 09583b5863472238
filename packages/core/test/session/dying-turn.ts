import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { Workbench } from "../fakes/workbench.ts";

/** Has another process begin a turn and kill itself at `point` of it; see the program. */
export async function dieInTurn(
  bench: Workbench,
  point: string,
): Promise<{ readonly id: string; readonly log: string }> {
  const log = join(bench.projectRoot, "log");
  const program = fileURLToPath(new URL("fixtures/dying-turn.ts", import.meta.url));
  const child = spawn(process.execPath, [program, bench.projectRoot, bench.databasePath, log, point], {
    stdio: ["ignore", "pipe", "inherit"],
    timeout: 20_000,
  });
  const [output, [, signal]] = await Promise.all([text(child.stdout), once(child, "exit")]);
  if (signal !== "SIGKILL") throw new Error(`it did not die at ${point}`);
  return { id: output.trim(), log };
}
