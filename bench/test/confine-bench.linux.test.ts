import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { openBubblewrap } from "../confine/bubblewrap.ts";
import { createPlace } from "../confine/create-place.ts";

const program = fileURLToPath(new URL("../confine/main.ts", import.meta.url));
const toolchain = fileURLToPath(new URL("../../.toolchain", import.meta.url));
mkdirSync(toolchain, { recursive: true });
// Sandboxes treat what lies below /tmp in their own way.
const directory = mkdtempSync(
  join(toolchain.startsWith("/tmp/") ? userInfo().homedir : toolchain, ".koda-bench-test-"),
);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const bench = (...args: string[]) =>
  spawnSync(process.execPath, ["--no-warnings", program, "--directory", directory, ...args], {
    encoding: "utf8",
    timeout: 50_000,
  });

test("a run prints one table: a line per figure, a column per peer, and how many times better Koda is", () => {
  const { status, stdout, stderr } = bench(
    "--rows",
    "warm-small,program",
    "--peers",
    "none,koda,koda-program",
    "--quick",
  );
  expect(stderr).toBe("round 1 of 1, warm-small\nround 1 of 1, program\n");
  expect(status).toBe(0);
  const lines = stdout.split("\n").filter((line) => line.startsWith("|"));
  expect(lines).toHaveLength(6);
  expect(lines[0]).toBe("|  | no sandbox | Koda | koda-sandbox |");
  expect(lines[2]).toMatch(/^\| one command p50, ms \| [\d,.]+ \(\d+\.\d\d×\) \| [\d,.]+ \| {2}\|$/);
  expect(lines[5]).toMatch(/^\| the program for one command p50, ms \| {2}\| {2}\| [\d,.]+ \|$/);
  expect(readdirSync(directory)).toEqual([]);
});

test("a descriptor that the bench inherited reaches no worker", () => {
  const shell = 'exec 251</dev/null "$@"';
  const args = [program, "--directory", directory, "--rows", "open", "--peers", "koda", "--quick"];
  const { status, stdout } = spawnSync("bash", ["-c", shell, "bash", process.execPath, "--no-warnings", ...args], {
    encoding: "utf8",
    timeout: 50_000,
  });
  expect(status).toBe(0);
  expect(stdout).not.toContain("does not run");
});

test.each([
  { hasOwnNetwork: false, interfaces: "-ge 1" },
  { hasOwnNetwork: true, interfaces: "-eq 1" },
])(
  "plain bubblewrap gets the walls that Koda has, its own network: $hasOwnNetwork",
  async ({ hasOwnNetwork, interfaces }) => {
    const parent = mkdtempSync(join(directory, "places-"));
    const place = createPlace(parent, "small");
    await using opened = await openBubblewrap(place, { hasOwnNetwork });
    const see = (script: string): Promise<void> => opened.run(["/bin/sh", "-ec", script, place.project, place.home]);
    await see('echo > "$0/src/new" && test "$PWD" = "$0"');
    await see('! echo > "$0/.git/hooks/post-commit"');
    await see('test -r "$1/.gitconfig" && ! cat "$1/.ssh/id_ed25519"');
    await see("grep -q 'CapEff:.*0000000000000000' /proc/self/status && grep -q 'Seccomp:.*2' /proc/self/status");
    await see('test $(ls -d /proc/[0-9]* | wc -l) -lt 10 && test -z "$(ls -A /run)"');
    await see(`test $(grep -c : /proc/net/dev) ${interfaces}`);
    await expect(see("exit 3")).rejects.toThrow("ended with 3");
  },
);

test.each([
  { args: ["--rows", "cold"], message: '--rows has no "cold"; wanted warm-small' },
  { args: ["--peers", "docker"], message: '--peers has no "docker"; wanted none, bwrap' },
  { args: ["--rounds", "1.5"], message: '--rounds is "1.5"; wanted a whole number above 0' },
  { args: ["--directory", "/tmp/somewhere"], message: '--directory is "/tmp/somewhere", below /tmp' },
])("what cannot be done is refused before anything is started: $args", ({ args, message }) => {
  const { status, stdout, stderr } = bench(...args);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toContain(message);
});
