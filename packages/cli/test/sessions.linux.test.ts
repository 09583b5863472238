import { existsSync } from "node:fs";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openScriptedServer } from "@koda/providers/testing";
import { describe, expect, test } from "vitest";
import { createPlace, type KodaRun, type Place, runKoda, startKoda } from "./run-koda.ts";
import { args, bash, saidIn } from "./scripted-steps.ts";
import { storeTurn } from "./stored-session.ts";

/** Runs a turn; the id of its session. */
async function say(place: Place, baseUrl: string, prompt: string, ...more: string[]): Promise<string> {
  const run = await runKoda(place, args(baseUrl, "-p", prompt, "--output-format", "json", ...more));
  expect(run.stderr).toBe("");
  return JSON.parse(run.stdout).sessionId;
}

/** A session whose process is killed in the middle of a turn, while it asks the model for the second time. */
async function killInTurn(place: Place, baseUrl: string, isReached: () => boolean): Promise<void> {
  const { child, done } = startKoda(place, args(baseUrl, "-p", "do it"));
  await until(isReached);
  child.kill("SIGKILL");
  await done;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
}

const withInput = (place: Place, words: readonly string[], text: string): Promise<KodaRun> => {
  const { child, done } = startKoda(place, words, {}, ["pipe", "pipe", "pipe"]);
  child.stdin?.end(text);
  return done;
};

describe("koda sessions", () => {
  test("lists those of the project, the latest first; nothing is coloured in a pipe", async () => {
    await using place = await createPlace();
    expect(await runKoda(place, ["sessions"])).toMatchObject({
      code: 0,
      stdout: "",
      stderr: expect.stringContaining("No session yet"),
    });
    const first = await storeTurn(place, "the first", [{ text: "One." }]);
    const second = await storeTurn(place, "the \u001b[31msecond", [{ text: "Two." }]);
    const run = await runKoda(place, ["sessions"]);
    const lines = run.stdout.trimEnd().split("\n");
    expect(lines.map((line) => line.split(" ")[0])).toEqual([second, first]);
    expect(lines[1]).toContain("the first");
    expect(run.stdout).not.toContain("\u001b");
    const records = JSON.parse((await runKoda(place, ["sessions", "--json"])).stdout);
    expect(records).toMatchObject([{ id: second }, { id: first, title: "the first", turnCount: 1 }]);
  });

  test("shows a conversation, by any prefix of its id, as text or JSON", async () => {
    await using place = await createPlace();
    const id = await storeTurn(place, "look around", [bash("echo seen"), { text: "The answer." }]);
    const run = await runKoda(place, ["sessions", "show", id.slice(0, 20)]);
    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(run.stdout).toMatch(/^> look around\n {2}Bash .*echo seen.*: ok\nThe answer\.\n$/);
    const shown = JSON.parse((await runKoda(place, ["sessions", "--json", "show", id])).stdout);
    expect(shown).toMatchObject({ session: { id }, isWhole: true, unfinished: null, inputs: [], questions: [] });
    expect(shown.lines.map(({ role }: { role: string }) => role)).toEqual(["user", "tool", "assistant"]);
  });

  test("a fork goes on from an entry, and the session it came from is as it was", async () => {
    await using place = await createPlace();
    await using server = await openScriptedServer([{ text: "Other." }]);
    const id = await storeTurn(place, "first", [{ text: "One." }]);
    const { entries } = JSON.parse((await runKoda(place, ["sessions", "show", id, "--json"])).stdout);
    await storeTurn(place, "second", [{ text: "Two." }], id);
    const fork = (await runKoda(place, ["sessions", "fork", id, "--at", entries.at(-1).id])).stdout.trim();
    await say(place, server.baseUrl, "another second", "--resume", fork);
    expect(saidIn(server.requests())).toEqual(["first", "One.", "another second"]);
    expect((await runKoda(place, ["sessions", "show", id])).stdout).toContain("Two.");
    const bad = await runKoda(place, ["sessions", "fork", id, "--at", "nosuch"]);
    expect(bad.stderr).toContain("nosuch");
    expect(bad.code).not.toBe(0);
  });

  test("what is deleted is gone, and its id stays taken", async () => {
    await using place = await createPlace();
    const id = await storeTurn(place, "forget me", [{ text: "One." }]);
    const lines = (await runKoda(place, ["export", id])).stdout;
    expect((await runKoda(place, ["sessions", "rm", id])).code).toBe(0);
    expect((await runKoda(place, ["sessions"])).stdout).toBe("");
    const again = await runKoda(place, ["sessions", "rm", id]);
    expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining(id) });
    const back = await withInput(place, ["import", "-"], lines);
    expect(back).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining(id) });
  });

  test.each([
    ["sessions", "show", "nosuch"],
    ["sessions", "fork", "nosuch"],
    ["sessions", "rm", "nosuch"],
    ["export", "nosuch"],
    ["attach", "nosuch"],
    ["egress", "nosuch"],
    ["audit", "nosuch"],
    ["cost", "--session", "nosuch"],
    ["resume", "nosuch", "--base-url", "http://127.0.0.1:9/v1"],
  ])("koda %s %s: an unknown session is exit 2, and named", async (...words) => {
    await using place = await createPlace();
    const run = await runKoda(place, words);
    expect(run).toMatchObject({ code: 2, stdout: "" });
    expect(run.stderr).toMatch(/^koda: .*nosuch.*\n$/);
  });

  test.each([["export"], ["attach"], ["audit"], ["resume"]])(
    "koda %s without a session yet is exit 2",
    async (word) => {
      await using place = await createPlace();
      const run = await runKoda(place, [word]);
      expect(run).toMatchObject({ code: 2, stdout: "", stderr: `koda: there is no session yet in ${place.project}\n` });
    },
  );
});

describe("koda resume", () => {
  test("goes on with the turn that a killed process left, and does nothing twice", async () => {
    await using place = await createPlace();
    let isAsked = false;
    await using server = await openScriptedServer((request) => {
      const { messages } = request.body as { messages: { role: string }[] }; // what our adapter sends
      if (messages.at(-1)?.role === "user") return bash("echo once >> done.txt");
      const step = isAsked ? { text: "All done." } : { text: "never heard", delayMs: 600_000 };
      isAsked = true;
      return step;
    });
    await killInTurn(place, server.baseUrl, () => isAsked);
    const [{ id }] = JSON.parse((await runKoda(place, ["sessions", "--json"])).stdout);
    expect((await runKoda(place, ["sessions", "show", id])).stdout).toContain(`unfinished: do it`);
    const run = await runKoda(place, ["resume", ...args(server.baseUrl)]);
    expect(run).toMatchObject({ code: 0, stdout: "All done.\n" });
    expect(await readFile(join(place.project, "done.txt"), "utf8")).toBe("once\n");
    expect((await runKoda(place, ["sessions", "show", id])).stdout).not.toContain("unfinished");
  });

  test("a new prompt instead is answered, and says that a turn was left", async () => {
    await using place = await createPlace();
    let isAsked = false;
    await using server = await openScriptedServer(() => {
      const step = isAsked ? { text: "Something else." } : { text: "never heard", delayMs: 600_000 };
      isAsked = true;
      return step;
    });
    await killInTurn(place, server.baseUrl, () => isAsked);
    const run = await runKoda(place, args(server.baseUrl, "--continue", "-p", "something else"));
    expect(run).toMatchObject({ code: 0, stdout: "Something else.\n" });
    expect(run.stderr).toContain("koda resume would have gone on with it");
    expect((await runKoda(place, ["resume", ...args(server.baseUrl)])).code).toBe(2);
  });

  test("where nothing was left it says what to type, and asks no model", async () => {
    await using place = await createPlace();
    await using server = await openScriptedServer([]);
    const id = await storeTurn(place, "one", [{ text: "One." }]);
    const run = await runKoda(place, ["resume", ...args(server.baseUrl)]);
    expect(run).toMatchObject({ code: 2, stdout: "" });
    expect(run.stderr).toContain(`koda --resume ${id} -p`);
    expect(server.requests()).toEqual([]);
  });
});

describe("koda export and import", () => {
  test("a session is equal in another home", async () => {
    await using place = await createPlace();
    await using other = await createPlace();
    await using server = await openScriptedServer([bash("echo x > a.txt; cat a.txt"), { text: "Ünder 🙂." }]);
    const id = await say(place, server.baseUrl, "make a.txt");
    const first = (await runKoda(place, ["export"])).stdout;
    const imported = await withInput(other, ["import", "-"], first);
    expect(imported).toMatchObject({ code: 0, stdout: `${id}\n`, stderr: "" });
    const second = (await runKoda(other, ["export", id])).stdout;
    expect(second.replaceAll(other.project, place.project)).toBe(first);
    expect((await runKoda(other, ["sessions", "show", id])).stdout).toBe(
      (await runKoda(place, ["sessions", "show", id])).stdout,
    );
  });

  test("what was imported can be gone on with", async () => {
    await using place = await createPlace();
    await using other = await createPlace();
    await using server = await openScriptedServer([{ text: "Two." }]);
    const id = await storeTurn(place, "first", [{ text: "One." }]);
    await runKoda(place, ["export", "-o", "../home/session.jsonl"]);
    const { stdout } = await runKoda(other, ["import", join(place.home, "session.jsonl"), "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ id, projectRoot: other.project, turnCount: 1 });
    await say(other, server.baseUrl, "second", "--continue");
    expect(saidIn(server.requests())).toEqual(["first", "One.", "second"]);
  });

  test("a file is for its owner alone, and one that is there is kept", async () => {
    await using place = await createPlace();
    await storeTurn(place, "one", [{ text: "One." }]);
    expect(await runKoda(place, ["export", "-o", "s.jsonl"])).toEqual({ code: 0, stdout: "", stderr: "" });
    const path = join(place.project, "s.jsonl");
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await writeFile(path, "mine");
    const again = await runKoda(place, ["export", "-o", "s.jsonl"]);
    expect(again).toMatchObject({ code: 2, stderr: `koda: cannot write ${path}: it is there already\n` });
    expect(await readFile(path, "utf8")).toBe("mine");
  });

  test("an export that was cut, or is none, is refused whole", async () => {
    await using place = await createPlace();
    await using other = await createPlace();
    await storeTurn(place, "one", [bash("echo x"), { text: "One." }]);
    const lines = (await runKoda(place, ["export"])).stdout.trimEnd().split("\n");
    const cut = `${lines.slice(0, -1).join("\n")}\n`;
    for (const text of [cut, cut.slice(0, -30), "{}\n", "no JSON\n", ""]) {
      const run = await withInput(other, ["import", "-"], text);
      expect(run).toMatchObject({ code: 2, stdout: "" });
      expect(run.stderr).toMatch(/^koda: (?:line \d+|the )/);
    }
    expect((await runKoda(other, ["sessions"])).stdout).toBe("");
    const missing = await runKoda(other, ["import", "nosuch.jsonl"]);
    expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining("nosuch.jsonl") });
  });

  test("an id that is there already is exit 1, and its session stays", async () => {
    await using place = await createPlace();
    const id = await storeTurn(place, "one", [{ text: "One." }]);
    const { stdout } = await runKoda(place, ["export"]);
    const run = await withInput(place, ["import", "-"], stdout);
    expect(run).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining(id) });
    expect((await runKoda(place, ["export"])).stdout).toBe(stdout);
  });
});

describe("koda attach", () => {
  test("shows a running session as it goes on, and Ctrl-C ends the looking alone", async () => {
    await using place = await createPlace();
    await using server = await openScriptedServer([
      bash("echo started > started; while ! test -e go; do sleep 0.05; done"),
      { text: "The end." },
    ]);
    const worker = startKoda(place, args(server.baseUrl, "-p", "wait for me"));
    await until(() => existsSync(join(place.project, "started")));
    const watcher = startKoda(place, ["attach"]);
    const readers = startKoda(place, ["attach", "--json"]);
    let text = "";
    let json = "";
    watcher.child.stdout?.on("data", (chunk: string) => {
      text += chunk;
    });
    readers.child.stdout?.on("data", (chunk: string) => {
      json += chunk;
    });
    await until(() => text.includes("> wait for me") && json.includes("\n"));
    await writeFile(join(place.project, "go"), "");
    await until(() => text.includes("nobody has this session open") && json.includes("owner-gone"));
    expect((await worker.done).stdout).toBe("The end.\n");
    watcher.child.kill("SIGINT");
    readers.child.kill("SIGINT");
    const [watched, read] = await Promise.all([watcher.done, readers.done]);
    expect(watched).toMatchObject({ code: 0, stderr: "" });
    expect(watched.stdout).toContain("The end.");
    expect(watched.stdout).not.toContain("\u001b");
    expect(read).toMatchObject({ code: 0, stderr: "" });
    const items = read.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(items[0]).toMatchObject({ kind: "state", cursor: expect.any(String) });
    expect(items.filter(({ event }) => event?.type === "turn-end")).toHaveLength(1);
    expect(items.at(-1)).toEqual({ kind: "owner-gone" });
  });

  test("a second writer is refused while the first one lives, naming it", async () => {
    await using place = await createPlace();
    await using server = await openScriptedServer([bash("echo started > started; sleep 600")]);
    const worker = startKoda(place, args(server.baseUrl, "-p", "wait"));
    await until(() => existsSync(join(place.project, "started")));
    const second = await runKoda(place, args(server.baseUrl, "-p", "me too", "--continue"));
    worker.child.kill("SIGINT");
    await worker.done;
    expect(second).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining(String(worker.child.pid)) });
  });
});
