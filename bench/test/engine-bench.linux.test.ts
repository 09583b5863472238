import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createMemoryStore } from "@koda/core";
import { afterAll, expect, test } from "vitest";
import { seedSession } from "../engine/seed-session.ts";

const program = fileURLToPath(new URL("../engine/main.ts", import.meta.url));
const directory = mkdtempSync(join(tmpdir(), "koda-bench-test-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const bench = (...args: string[]) =>
  spawnSync(process.execPath, ["--no-warnings", program, "--directory", directory, ...args], {
    encoding: "utf8",
    timeout: 50_000,
  });

test("a run prints one table: a line per figure, a column per peer", () => {
  const { status, stdout, stderr } = bench("--rows", "turn,stream", "--peers", "koda-memory,koda", "--quick");
  expect(stderr).toBe("round 1 of 1, turn\nround 1 of 1, stream\n");
  expect(status).toBe(0);
  const lines = stdout.split("\n").filter((line) => line.startsWith("|"));
  expect(lines[0]).toBe("|  | Koda, store in memory | Koda, SQLite on disk |");
  expect(lines[2]).toMatch(/^\| a turn with one call p50, ms \| [\d,.]+ \| [\d,.]+ \|$/);
  expect(lines.at(-1)).toMatch(/^\| a delta of 100,000, µs \| [\d,.]+ \| [\d,.]+ \|$/);
  expect(readdirSync(directory)).toEqual([]);
});

test("a session of a length is opened and gone on with, also where a link leads to the directory", () => {
  const link = join(directory, "link");
  symlinkSync(mkdtempSync(join(directory, "real-")), link);
  const options = ["--rows", "resume", "--lengths", "10,large", "--peers", "koda", "--quick"];
  const { status, stdout } = bench(...options, "--directory", link);
  expect(status).toBe(0);
  expect(stdout).toMatch(/\| opening 10 entries in a fresh process, ms \| [\d,.]+ \|/);
  expect(stdout).toMatch(/\| opening 10,000 of 50 MB entries in a fresh process, ms \| [\d,.]+ \|/);
  expect(stdout).not.toContain("does not run");
});

test.each([
  { entries: 10, textChars: 80, summaries: 0 },
  { entries: 400, textChars: 5_000, summaries: 3 },
])("a seeded session has as many entries as it says, the summaries with them: $entries", (given) => {
  const store = createMemoryStore();
  seedSession({ store, sessionId: "seeded", projectRoot: "/", length: { id: "", title: "", ...given } });
  const entries = store.readEntries("seeded");
  expect(entries.length).toBe(given.entries);
  expect(entries.filter(({ content }) => content.kind === "summary").length).toBe(given.summaries);
  expect(store.readLease("seeded")).toBeNull();
});

test.each([
  { args: ["--rows", "speed"], message: '--rows has no "speed"; wanted turn, calls' },
  { args: ["--peers", "langchain"], message: '--peers has no "langchain"; wanted koda-memory, koda, ai' },
  { args: ["--lengths", "11"], message: '--lengths has no "11"; wanted 10, 1000' },
])("what cannot be done is refused before anything is started: $args", ({ args, message }) => {
  const { status, stdout, stderr } = bench(...args);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toContain(message);
});
