import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { openScriptedServer } from "@koda/providers/testing";
import { describe, expect, test } from "vitest";
import { createPlace, type Place, runKoda } from "./run-koda.ts";
import { args, bash, call, toolResults } from "./scripted-steps.ts";

async function addHook(place: Place, ...words: string[]): Promise<void> {
  const run = await runKoda(place, ["hooks", "add", ...words]);
  expect(run).toMatchObject({ code: 0, stdout: "" });
}

describe("koda hooks", () => {
  test("a guard that exits 2 blocks a call, and what it printed reaches the model", async () => {
    await using place = await createPlace();
    const guard = 'grep -q forbidden && { echo "that word is not ours" >&2; exit 2; }; exit 0';
    await addHook(place, "words", "--event", "before-tool", "--tool", "Bash", "--guard", "--", guard);
    await using server = await openScriptedServer([
      bash("echo forbidden > a.txt"),
      bash("echo fine > b.txt"),
      { text: "Done." },
    ]);
    const run = await runKoda(place, args(server.baseUrl, "-p", "go"));
    expect(run.code).toBe(0);
    const [blocked, ran] = toolResults(server.requests());
    expect(blocked).toContain("that word is not ours");
    expect(blocked).toContain("words");
    expect(ran).not.toContain("not ours");
    expect(existsSync(join(place.project, "a.txt"))).toBe(false);
    expect(await readFile(join(place.project, "b.txt"), "utf8")).toBe("fine\n");
  });

  test("a guard that fails, or takes too long, blocks; it runs confined", async () => {
    await using place = await createPlace({ "home/.ssh/id_ed25519": "PRIVATE KEY\n" });
    await addHook(
      place,
      "late",
      "--event",
      "before-tool",
      "--tool",
      "Write",
      "--guard",
      "--timeout",
      "0.5",
      "--",
      "sleep 60",
    );
    const curious = `cat ${place.home}/.ssh/id_ed25519 >&2 || { echo no key here >&2; exit 2; }`;
    await addHook(place, "curious", "--event", "before-tool", "--command", "^rm", "--guard", "--", curious);
    await using server = await openScriptedServer([
      call("Write", { path: "a.txt", content: "a" }),
      bash("rm -f nothing"),
      { text: "Done." },
    ]);
    await runKoda(place, args(server.baseUrl, "-p", "go"));
    const [late, confined] = toolResults(server.requests());
    expect(late).toMatch(/late/);
    expect(existsSync(join(place.project, "a.txt"))).toBe(false);
    expect(confined).toContain("no key here");
    expect(confined).not.toContain("PRIVATE KEY");
  });

  test("an observer is told of what matches alone, once", async () => {
    await using place = await createPlace();
    await addHook(place, "log", "--event", "after-tool", "--path", "src/**", "--", "cat >> seen.json");
    await addHook(place, "start", "--event", "session-start", "--", "echo started >> starts.txt");
    await using server = await openScriptedServer([
      call("Write", { path: "src/a.txt", content: "a" }),
      call("Write", { path: "b.txt", content: "b" }),
      { text: "Done." },
    ]);
    await runKoda(place, args(server.baseUrl, "-p", "go"));
    const told = JSON.parse(await readFile(join(place.project, "seen.json"), "utf8"));
    expect(told).toMatchObject({ event: "after-tool", name: "Write", result: { outcome: "ok" } });
    expect(await readFile(join(place.project, "starts.txt"), "utf8")).toBe("started\n");
  });

  test("one at the end of a session runs confined, once, and its connections are in the report", async () => {
    await using place = await createPlace();
    const last = "cat >> ends.json; curl -sS --max-time 5 https://example.com >/dev/null 2>&1; true";
    await addHook(place, "end", "--event", "session-end", "--", last);
    await using server = await openScriptedServer([{ text: "Done." }]);
    const run = await runKoda(place, args(server.baseUrl, "-p", "go", "--output-format", "json"));
    const report = JSON.parse(run.stdout);
    expect(JSON.parse(await readFile(join(place.project, "ends.json"), "utf8"))).toMatchObject({
      event: "session-end",
      sessionId: report.sessionId,
    });
    expect(report).toMatchObject({ success: true, connections: [{ host: "example.com", verdict: "refused" }] });
  });

  test("are listed, replaced and removed; those of another project are not run", async () => {
    await using place = await createPlace({ "other/.keep": "" });
    await addHook(place, "one", "--event", "before-tool", "--guard", "--", "exit 2");
    await addHook(place, "one", "--event", "after-tool", "--timeout", "5", "--", "true");
    expect((await runKoda(place, ["hooks", "list"])).stdout).toBe("one  after-tool  observer  5 s  true\n");
    expect(JSON.parse((await runKoda(place, ["hooks", "list", "--json"])).stdout)).toMatchObject([{ name: "one" }]);
    const other = { ...place, project: join(place.project, "..", "other") };
    expect((await runKoda(other, ["hooks", "list"])).stdout).toBe("");
    expect((await runKoda(place, ["hooks", "remove", "one"])).code).toBe(0);
    expect(await runKoda(place, ["hooks", "remove", "one"])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("no hook is called one"),
    });
  });

  test.each([
    [["x", "--event", "before-tool"], "missing the command"],
    [["x", "--event", "sometimes", "--", "true"], "before-tool"],
    [["x", "--", "true"], "--event"],
    [["x", "--event", "after-tool", "--guard", "--", "true"], "guard"],
    [["x", "--event", "before-tool", "--guard", "--async", "--", "true"], "exclude each other"],
    [["x", "--event", "before-tool", "--command", "(", "--", "true"], "commandPattern"],
    [["x", "--event", "before-tool", "--timeout", "9999", "--", "true"], "timeoutMs"],
  ])("koda hooks add %j is exit 2", async (words, message) => {
    await using place = await createPlace();
    const run = await runKoda(place, ["hooks", "add", ...words]);
    expect(run).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining(message) });
    expect((await runKoda(place, ["hooks", "list"])).stdout).toBe("");
  });
});
