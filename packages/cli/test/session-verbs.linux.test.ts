import { openScriptedServer } from "@koda/providers/testing";
import { describe, expect, test } from "vitest";
import { createPlace, type Place, runKoda, startKoda } from "./run-koda.ts";
import { args, bash, saidIn } from "./scripted-steps.ts";
import { holdSession, storeTurn } from "./stored-session.ts";

/** Runs a turn; the id of its session. */
async function say(place: Place, baseUrl: string, prompt: string, ...more: string[]): Promise<string> {
  const run = await runKoda(place, args(baseUrl, "-p", prompt, "--output-format", "json", ...more));
  expect(run).toMatchObject({ code: 0, stderr: "" });
  return JSON.parse(run.stdout).sessionId;
}

/** A session that another process has open, in a turn that does not end by itself. */
async function holdOpen(place: Place): Promise<AsyncDisposable & { readonly id: string; readonly pid: number }> {
  const asked = Promise.withResolvers<void>();
  const server = await openScriptedServer(() => {
    asked.resolve();
    return { text: "never heard", delayMs: 600_000 };
  });
  const { child, done } = startKoda(place, args(server.baseUrl, "-p", "hold it"));
  await asked.promise;
  const [{ id }] = JSON.parse((await runKoda(place, ["sessions", "--json"])).stdout);
  return {
    id,
    pid: child.pid ?? -1,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await done;
      await server[Symbol.asyncDispose]();
    },
  };
}

describe("koda sessions pause and resume", () => {
  test("a paused session takes no prompt until it is resumed; saying it twice is no error", async () => {
    await using place = await createPlace();
    await using server = await openScriptedServer([{ text: "Two." }]);
    const id = await storeTurn(place, "one", [{ text: "One." }]);
    for (let round = 0; round < 2; round += 1) {
      const paused = await runKoda(place, ["sessions", "pause", id]);
      expect(paused).toEqual({ code: 0, stdout: "", stderr: `koda: session ${id} is paused\n` });
    }
    const refused = await runKoda(place, args(server.baseUrl, "--resume", id, "-p", "two"));
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("is paused") });
    const resumed = await runKoda(place, ["sessions", "resume", id.slice(0, 20), "--json"]);
    expect(JSON.parse(resumed.stdout)).toMatchObject({ id, state: "active" });
    await say(place, server.baseUrl, "two", "--resume", id);
  });
});

describe("koda sessions status", () => {
  test("tells state, turns, context, what was used and by which tools", async () => {
    await using place = await createPlace();
    const steps = [bash("echo hi"), bash("exit 3"), { text: "Done." }];
    const id = await storeTurn(place, "look \u001b[31maround", steps);
    const status = JSON.parse((await runKoda(place, ["sessions", "status", id, "--json"])).stdout);
    expect(status).toMatchObject({
      session: { id, state: "active" },
      owner: null,
      turns: 1,
      unfinished: null,
      context: { model: "scripted", usedTokens: expect.any(Number) },
      questions: [],
      inputs: [],
      tasks: [],
      usage: { requests: 3 },
      tools: [{ name: "Bash", calls: 2, ok: 1, failed: 1 }],
    });
    const { stdout } = await runKoda(place, ["sessions", "status", id]);
    expect(stdout).toMatch(/^state +active$/m);
    expect(stdout).toMatch(/^tool +Bash: 2 calls, 1 failed, \d+ ms$/m);
    expect(stdout).not.toContain("\u001b");
  });

  test("of a session that runs elsewhere names the process and the prompt; once that is dead, the turn is unfinished", async () => {
    await using place = await createPlace();
    let id = "";
    {
      await using open = await holdOpen(place);
      ({ id } = open);
      const { stdout } = await runKoda(place, ["sessions", "status", id]);
      expect(stdout).toMatch(new RegExp(`^state +active, open in process ${open.pid}$`, "m"));
      expect(stdout).toMatch(/^running +hold it$/m);
    }
    expect((await runKoda(place, ["sessions", "status", id])).stdout).toMatch(/^unfinished +hold it$/m);
  });
});

describe("koda sessions rewind", () => {
  test("by a turn: the next prompt follows what was before it", async () => {
    await using place = await createPlace();
    await using server = await openScriptedServer([{ text: "Other." }]);
    const id = await storeTurn(place, "first", [{ text: "One." }]);
    await storeTurn(place, "second", [{ text: "Two." }], id);
    const run = await runKoda(place, ["sessions", "rewind", id]);
    expect(run).toMatchObject({ code: 0, stdout: "", stderr: expect.stringContaining("before “second”") });
    await say(place, server.baseUrl, "another second", "--resume", id);
    expect(saidIn(server.requests())).toEqual(["first", "One.", "another second"]);
    expect((await runKoda(place, ["export", id])).stdout).toContain("Two.");
  });

  test("by several, or to an entry; JSON tells what is unsaid", async () => {
    await using place = await createPlace();
    const id = await storeTurn(place, "first", [{ text: "One." }]);
    await storeTurn(place, "second", [{ text: "Two." }], id);
    const { entries } = JSON.parse((await runKoda(place, ["sessions", "show", id, "--json"])).stdout);
    const end = entries.findLast(({ turnId }: { turnId: string }) => turnId === entries[0].turnId);
    const back = await runKoda(place, ["sessions", "rewind", id, "--to", end.id, "--json"]);
    expect(JSON.parse(back.stdout)).toMatchObject({ session: { id, leafId: end.id }, undonePrompt: "second" });
    const all = await runKoda(place, ["sessions", "rewind", id, "--turns", "1", "--json"]);
    expect(JSON.parse(all.stdout)).toMatchObject({ session: { leafId: null }, undonePrompt: "first" });
    const more = await runKoda(place, ["sessions", "rewind", id, "--turns", "1"]);
    expect(more).toMatchObject({ code: 2, stderr: expect.stringContaining("has 0 turns") });
  });

  test("what it cannot do changes nothing", async () => {
    await using place = await createPlace();
    const id = await storeTurn(place, "first", [{ text: "One." }]);
    const before = (await runKoda(place, ["export", id])).stdout;
    expect((await runKoda(place, ["sessions", "rewind", id, "--turns", "1", "--to", "x"])).code).toBe(2);
    expect((await runKoda(place, ["sessions", "rewind", id, "--turns", "0"])).code).toBe(2);
    expect(await runKoda(place, ["sessions", "rewind", id, "--to", "nosuch"])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("nosuch"),
    });
    expect((await runKoda(place, ["export", id])).stdout).toBe(before);
  });
});

describe("koda sessions compact", () => {
  test("has the session's own model summarise it; the record stays whole", async () => {
    await using place = await createPlace();
    const long = "a long story ".repeat(16_000);
    await using server = await openScriptedServer([{ text: "In short: many stories." }, { text: "Heard." }]);
    const id = await storeTurn(place, "prompt 0", [{ text: long }]);
    for (let turn = 1; turn < 3; turn += 1) await storeTurn(place, `prompt ${turn}`, [{ text: long }], id);
    const run = await runKoda(place, ["sessions", "compact", id, "--base-url", server.baseUrl, "--json"]);
    expect(run).toMatchObject({ code: 0, stderr: "" });
    const { kind, beforeTokens, afterTokens } = JSON.parse(run.stdout);
    expect(kind).toBe("shrunk");
    expect(afterTokens).toBeLessThan(beforeTokens);
    expect(server.requests().at(-1)?.body).toMatchObject({ model: "scripted" });
    await say(place, server.baseUrl, "prompt more", "--resume", id);
    expect(saidIn(server.requests()).join("\n")).toContain("In short: many stories.");
    expect((await runKoda(place, ["export", id])).stdout.match(/"text":"prompt \d+"/g)).toHaveLength(3);
  });

  test("a short conversation is left as it is, and says so; without a provider it is exit 5", async () => {
    await using place = await createPlace();
    await using server = await openScriptedServer([]);
    const id = await storeTurn(place, "one", [{ text: "One." }]);
    const run = await runKoda(place, ["sessions", "compact", id, "--base-url", server.baseUrl]);
    expect(run).toEqual({
      code: 0,
      stdout: "",
      stderr: "koda: nothing is summarised: the conversation is short\n",
    });
    expect(server.requests()).toEqual([]);
    expect((await runKoda(place, ["sessions", "compact", id])).code).toBe(5);
  });
});

test("a session that another process has open is changed by nobody else, who is told which process that is", async () => {
  await using place = await createPlace();
  const id = await storeTurn(place, "hold it", [{ text: "Held." }]);
  await using _held = await holdSession(place, id);
  for (const verb of ["pause", "resume", "rewind"]) {
    const run = await runKoda(place, ["sessions", verb, id]);
    expect(run).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining(`in process ${process.pid}`) });
  }
  const compact = await runKoda(place, ["sessions", "compact", id, "--base-url", "http://127.0.0.1:9/v1"]);
  expect(compact).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining(`in process ${process.pid}`) });
});

test.each(["status", "pause", "resume", "rewind", "compact"])(
  "koda sessions %s nosuch: an unknown session is exit 2, and named",
  async (verb) => {
    await using place = await createPlace();
    const run = await runKoda(place, ["sessions", verb, "nosuch"]);
    expect(run).toMatchObject({ code: 2, stdout: "", stderr: expect.stringMatching(/^koda: .*nosuch.*\n$/) });
  },
);
