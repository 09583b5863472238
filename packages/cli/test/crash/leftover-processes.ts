import { readdir, readFile, readlink } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/** How long the rest of a killed session may take to go. */
const killGraceMs = 5_000;

/** Waits until no process has to do with the folder `dir` any more; those that still do after `graceMs`, by their command. */
export async function findLeftovers(dir: string, graceMs: number = killGraceMs): Promise<readonly string[]> {
  const deadline = Date.now() + graceMs;
  while (true) {
    const found = await findProcessesOf(dir);
    if (found.length === 0 || Date.now() > deadline) return found;
    await sleep(20);
  }
}

/** Started in it, told of it by an argument or a variable: one of these holds for all that a session starts. */
async function findProcessesOf(dir: string): Promise<readonly string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const [command, environment, folder] = await Promise.all([
        readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => ""),
        readFile(`/proc/${pid}/environ`, "utf8").catch(() => ""),
        readlink(`/proc/${pid}/cwd`).catch(() => ""),
      ]);
      return [command, environment, folder].some((text) => text.includes(dir)) ? [command.replaceAll("\0", " ")] : [];
    }),
  );
  return found.flat();
}
