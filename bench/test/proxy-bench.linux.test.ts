import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";

const program = fileURLToPath(new URL("../proxy/main.ts", import.meta.url));

const directory = mkdtempSync(join(tmpdir(), "koda-bench-test-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const bench = (...args: string[]) =>
  spawnSync(process.execPath, ["--no-warnings", program, ...args], {
    encoding: "utf8",
    timeout: 30_000,
    env: { ...process.env, TMPDIR: directory },
  });

test("a run prints one table: a line per figure, a column per peer, and how many times better Koda is", () => {
  const { status, stdout, stderr } = bench(
    "--rows",
    "tunnels-connect-1",
    "--peers",
    "none,koda,proxy-chain",
    "--quick",
  );
  expect(stderr).toBe("round 1 of 1, tunnels-connect-1\n");
  expect(status).toBe(0);
  const lines = stdout.split("\n").filter((line) => line.startsWith("|"));
  expect(lines).toHaveLength(5);
  expect(lines[0]).toBe("|  | no proxy | Koda | proxy-chain | Koda ÷ best npm |");
  expect(lines[2]).toMatch(
    /^\| tunnels\/s, CONNECT, 1 client \| [\d,.]+ \(\d+\.\d\d×\) \| [\d,.]+ \| [\d,.]+ \(\d+\.\d\d×\) \| \d+\.\d\d× \|$/,
  );
  expect(readdirSync(directory)).toEqual([]);
});

test.each([
  { args: ["--rows", "tunnel"], message: '--rows has no "tunnel"; wanted tunnels-connect-1' },
  { args: ["--peers", "squid"], message: '--peers has no "squid"; wanted none, koda' },
  { args: ["--rounds", "0"], message: '--rounds is "0"; wanted a whole number above 0' },
  { args: ["--seconds", "-1"], message: "--seconds" },
  { args: ["--fast"], message: "'--fast'" },
])("what cannot be done is refused before anything is started: $args", ({ args, message }) => {
  const { status, stdout, stderr } = bench(...args);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toContain(message);
});
