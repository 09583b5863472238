import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { placeInHome } from "./attack-site.ts";

const ROUNDS = Number(process.env["KODA_KILL_ROUNDS"] ?? 16);
const SEED = Number(process.env["KODA_TEST_SEED"] ?? Date.now() % 1_000_000);
const program = fileURLToPath(new URL("./killed-session-main.ts", import.meta.url));

test(`kill -9 at any instant leaves no process, no mount and no file in /tmp, ${ROUNDS} rounds, seed ${SEED} [AV-16] [LN-13] [LF-13]`, async () => {
  const mounts = readFileSync("/proc/self/mountinfo", "utf8");
  const random = fromSeed(SEED);
  const left: unknown[] = [];
  for (let round = 0; round < ROUNDS && left.length < 3; round++) {
    using place = placeInHome();
    const [project, home, temporary] = [join(place.path, "project"), join(place.path, "home"), join(place.path, "tmp")];
    for (const directory of [project, home, temporary]) mkdirSync(directory);
    const marker = `koda-killed-${process.pid}-${round}`;
    const child = spawn(process.execPath, ["--conditions=@koda/source", program, project, home], {
      env: { ...process.env, TZ: marker, TMPDIR: temporary },
      stdio: ["ignore", "pipe", "inherit"],
    });
    // Half of the rounds while it opens, half while it runs commands.
    const isOpening = round % 2 === 0;
    await (isOpening ? untilHelperStarts(child, marker) : once(child.stdout, "readable")); // its end, too;
    await delay(random() * (isOpening ? 90 : 60));
    child.kill("SIGKILL");
    await once(child, "close");
    expect(child.exitCode, "it ended by itself").toBeNull();
    const processes = await waitForNone(marker);
    const files = readdirSync(temporary);
    if (processes.length > 0 || files.length > 0) left.push({ round, isOpening, processes, files });
    for (const { pid } of processes) process.kill(pid, "SIGKILL");
  }
  expect(left).toEqual([]);
  expect(readFileSync("/proc/self/mountinfo", "utf8")).toBe(mounts);
}, 180_000);

interface Left {
  readonly pid: number;
  readonly command: string;
  readonly waitsIn: string;
}

async function waitForNone(marker: string): Promise<Left[]> {
  for (let tries = 0; tries < 150; tries++) {
    if (marked(marker).length === 0) return [];
    await delay(10);
  }
  return marked(marker);
}

async function untilHelperStarts(child: ChildProcess, marker: string): Promise<void> {
  while (child.exitCode === null && marked(marker).length < 2) await delay(1);
}

/** Processes whose environment holds the marker; a confined process of ours is one of this user, whose environment may be read. */
function marked(marker: string): Left[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name) || !readText(`/proc/${name}/environ`).split("\0").includes(`TZ=${marker}`)) return [];
    const command = readText(`/proc/${name}/cmdline`).replaceAll("\0", " ").slice(0, 200);
    return [{ pid: Number(name), command, waitsIn: readText(`/proc/${name}/wchan`) }];
  });
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // ended meanwhile, or another user's
  }
}

/** mulberry32: the same numbers for the same seed. */
function fromSeed(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
