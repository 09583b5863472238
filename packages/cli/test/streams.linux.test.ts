import { once } from "node:events";
import { existsSync } from "node:fs";
import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { openScriptedServer } from "@koda/providers/testing";
import { describe, expect, test } from "vitest";
import { createPlace, runKoda, runKodaOnTerminal, startKoda } from "./run-koda.ts";

const bash = (command: string) => ({ toolCalls: [{ name: "Bash", arguments: { command } }] });
const args = (baseUrl: string, ...more: string[]): string[] => ["--base-url", baseUrl, "--model", "scripted", ...more];
const hostile = "a\u001b]52;c;aGk=\u0007\u009b2J\u202eb";

describe("standard input", () => {
  test.each([
    ["-p -", ["-p", "-"], 0],
    ["no prompt", [], 0],
    ["an empty prompt", ["-p", ""], 2],
  ])("with %s and nothing to read: no model is asked, and a line says why", async (_, words, code) => {
    await using place = await createPlace();
    await using server = await openScriptedServer([{ text: "never" }]);
    const run = await runKoda(place, args(server.baseUrl, ...words));
    expect(run).toMatchObject({ code, stdout: "", stderr: expect.stringContaining("empty") });
    expect(server.requests()).toHaveLength(0);
  });

  test("without end is refused before it fills the memory", async () => {
    await using place = await createPlace();
    const zero = await open("/dev/zero");
    const { done } = startKoda(place, ["-p", "-"], {}, [zero.fd, "pipe", "pipe"]);
    const run = await done.finally(() => zero.close());
    expect(run).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("10 MB") });
  });
});

describe("standard output", () => {
  test("that is full: exit 1 and one line, no stack", async () => {
    await using place = await createPlace();
    await using server = await openScriptedServer([{ text: "lost" }]);
    const full = await open("/dev/full", "w");
    const { done } = startKoda(place, args(server.baseUrl, "-p", "go"), {}, ["ignore", full.fd, "pipe"]);
    const run = await done.finally(() => full.close());
    expect(run.code).toBe(1);
    expect(run.stderr).toMatch(/^koda: standard output: ENOSPC[^\n]*\n$/);
  });

  test("that nobody reads any more stops the turn as Ctrl-C does", async () => {
    await using place = await createPlace();
    await using server = await openScriptedServer([bash("while :; do echo tick; sleep 0.1; done"), { text: "never" }]);
    const words = args(server.baseUrl, "-p", "go", "--output-format", "stream-json");
    const { child, done } = startKoda(place, words);
    if (child.stdout === null) throw new Error("stdout is a pipe");
    await once(child.stdout, "data");
    child.stdout.destroy();
    const run = await done;
    expect(run.code).toBe(130);
    expect(run.stderr).toContain("koda --resume");
  });

  test("in JSON holds nothing that acts on a terminal, and the text as the model wrote it", async () => {
    await using place = await createPlace();
    await using server = await openScriptedServer([{ text: hostile }]);
    const run = await runKoda(place, args(server.baseUrl, "-p", "go", "--output-format", "json"));
    expect(run.stdout.trimEnd()).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(JSON.parse(run.stdout).response).toBe(hostile);
  });

  test("as text through a pipe is the answer byte for byte", async () => {
    await using place = await createPlace();
    await using server = await openScriptedServer([{ text: hostile }]);
    expect((await runKoda(place, args(server.baseUrl, "-p", "go"))).stdout).toBe(`${hostile}\n`);
  });

  test("on a terminal spells out what would act on it", async () => {
    await using place = await createPlace();
    await using server = await openScriptedServer([{ text: hostile }]);
    const run = await runKodaOnTerminal(place, args(server.baseUrl, "-p", "go"));
    expect(run.stdout).toContain("a\\u{1b}]52;c;aGk=\\u{7}\\u{9b}2J\\u{202e}b");
    expect(run.stdout).not.toContain("\u001b]52");
  });
});

describe("standard error", () => {
  test("that nobody reads any more does not stop the work", async () => {
    await using place = await createPlace();
    await using server = await openScriptedServer([bash("echo hi"), { text: "Done." }]);
    const { child, done } = startKoda(place, args(server.baseUrl, "-p", "go"));
    child.stderr?.destroy();
    expect(await done).toMatchObject({ code: 0, stdout: "Done.\n" });
  });

  test("shows a server's message without what would act on a terminal", async () => {
    await using place = await createPlace();
    await using server = await openScriptedServer([
      { fault: { kind: "status", status: 401, body: { error: { message: hostile } } } },
    ]);
    const run = await runKoda(place, args(server.baseUrl, "-p", "go"));
    expect(run.code).toBe(5);
    expect(run.stderr).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
  });
});

test("a cassette that cannot be written is refused before the model is asked", async () => {
  await using place = await createPlace();
  await using server = await openScriptedServer([{ text: "never" }]);
  const run = await runKoda(place, args(server.baseUrl, "-p", "go", "--record", join(place.home, "no", "such.jsonl")));
  expect(run).toMatchObject({ code: 2, stderr: expect.stringContaining("cassette cannot be written") });
  expect(server.requests()).toHaveLength(0);
});

test("a HOME that is no folder is named, without a stack", async () => {
  await using place = await createPlace();
  const run = await runKoda(place, ["sessions"], { HOME: join(place.home, "missing") });
  expect(run.code).toBe(2);
  expect(run.stderr).toMatch(/^koda: not a folder: [^\n]*missing"\n$/);
});

test("Ctrl-C while the demo starts leaves nothing behind", async () => {
  await using place = await createPlace();
  const { child, done } = startKoda(place, ["demo"], { TMPDIR: place.home });
  while (!(await readdir(place.home)).some((name) => name.startsWith("koda-demo-"))) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  child.kill("SIGINT");
  expect(await done).toMatchObject({ code: 130, stderr: "" });
  expect(existsSync(place.home)).toBe(true);
  expect((await readdir(place.home)).filter((name) => name.startsWith("koda-demo-"))).toEqual([]);
});
