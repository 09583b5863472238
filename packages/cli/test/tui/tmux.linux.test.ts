import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { openScriptedServer, type ScriptedServer } from "@koda/providers/testing";
import { expect, test } from "vitest";
import { createPlace, type Place, startKoda } from "../run-koda.ts";
import { args, bash, saidIn } from "../scripted-steps.ts";
import { Terminal } from "./terminal.ts";

const program = fileURLToPath(new URL("../../bin/koda.js", import.meta.url));

const environmentOf = (place: Place): Record<string, string> => ({
  HOME: place.home,
  PATH: [dirname(process.execPath), process.env["PATH"]].join(":"),
  LANG: "C.UTF-8",
});

function openKoda(place: Place, baseUrl: string, ...more: readonly string[]): Promise<Terminal> {
  return Terminal.open({
    command: [process.execPath, program, "--base-url", baseUrl, "--model", "scripted", ...more],
    cwd: place.project,
    environment: environmentOf(place),
    columns: 90,
    rows: 30,
  });
}

test("a person asks, allows a command, changes the mode, stops a turn, reads the help and leaves", async () => {
  await using place = await createPlace();
  await using server = await openScriptedServer([
    { toolCalls: [{ name: "Bash", arguments: { command: "echo from-the-tool > note.txt; cat note.txt" } }] },
    { text: "The first line,\nand \u001b[31mthe second.\n" },
    { text: "word ".repeat(400), delayMs: 50 },
  ]);
  await using terminal = await openKoda(place, server.baseUrl, "--mode", "safe");
  await terminal.see(/scripted · safe · kernel · 0 refused · 0 tok · ready/);

  await terminal.enter("please begin");
  await terminal.see("Allow Bash?");
  const question = await terminal.see("[y] yes");
  expect(question).toContain("│ echo from-the-tool > note.txt; cat note.txt");
  expect(existsSync(join(place.project, "note.txt"))).toBe(false);
  await terminal.press("Enter");
  await terminal.see(/Press y(, n or a| or n)/);
  await terminal.type("y");
  await terminal.see(/● Bash echo from-the-tool/);
  await terminal.see(/ok · \d+ ms\s+from-the-tool/);
  await terminal.see("and \\u{1b}[31mthe second.");
  await terminal.see(/tok · ready/);
  expect(existsSync(join(place.project, "note.txt"))).toBe(true);

  await terminal.press("ShiftTab");
  await terminal.see(/scripted · auto · kernel/);

  await terminal.enter("talk for long");
  await terminal.see("word word word");
  await terminal.type("a word more");
  await terminal.press("Enter");
  await terminal.see("queued › a word more");
  await terminal.press("CtrlC");
  await terminal.see("Stopped after");
  await terminal.see("› a word more");
  await terminal.see(/tok · ready/);
  await terminal.press("CtrlC");
  await terminal.see("Press Ctrl-C again to leave");

  await terminal.enter("/help");
  await terminal.see("next mode: plan → safe → auto");
  await terminal.enter("/nope");
  await terminal.see("Unknown command /nope");
  await terminal.enter("/exit");
  expect(await terminal.exitCode()).toBe(0);
  expect(server.requests()).toHaveLength(3);
});

test("a session is taken up again with what was said in it, and Ctrl-D leaves", async () => {
  await using place = await createPlace();
  await using server = await openScriptedServer([{ text: "The answer of the first." }]);
  {
    await using first = await openKoda(place, server.baseUrl);
    await first.see("ready");
    await first.enter("remember this");
    await first.see("The answer of the first.");
    await first.see(/tok · ready/);
    await first.press("CtrlD");
    expect(await first.exitCode()).toBe(0);
  }
  await using second = await openKoda(place, server.baseUrl, "--continue");
  await second.see("› remember this");
  await second.see("The answer of the first.");
  await second.press("Up");
  await second.see(/› remember this\s+scripted ·/);
  await second.press("CtrlC");
  await second.press("CtrlC");
  expect(await second.exitCode()).toBe(0);
});

test("/rewind has the last prompt said otherwise: the model never hears of it; /compact says why it does nothing", async () => {
  await using place = await createPlace();
  await using server = await openScriptedServer([{ text: "One." }, { text: "Two." }, { text: "Other." }]);
  await using terminal = await openKoda(place, server.baseUrl);
  await terminal.see("ready");
  for (const [prompt, answer] of [
    ["first", "One."],
    ["second", "Two."],
  ] as const) {
    await terminal.enter(prompt);
    await terminal.see(answer);
    await terminal.see(/tok · ready/);
  }
  await terminal.enter("/rewind");
  await terminal.see("Gone back to before the last prompt");
  await terminal.see(/› second\s+scripted ·/);
  await terminal.type(" try");
  await terminal.press("Enter");
  await terminal.see("Other.");
  await terminal.see(/tok · ready/);
  expect(saidIn(server.requests())).toEqual(["first", "One.", "second try"]);
  await terminal.enter("/compact");
  await terminal.see("Nothing is summarised: the conversation is short.");
  await terminal.enter("/exit");
  expect(await terminal.exitCode()).toBe(0);
});

/** A session whose process is killed while the model is asked for the second time; a file tells of the first. */
async function leaveUnfinished(place: Place): Promise<ScriptedServer> {
  let isAsked = false;
  let isLeft = false;
  const server = await openScriptedServer((request) => {
    const { messages } = request.body as { messages: { role: string }[] }; // what our adapter sends
    if (messages.at(-1)?.role === "user") return bash("echo once >> done.txt");
    isAsked = true;
    return isLeft ? { text: "The end of it." } : { text: "never heard", delayMs: 600_000 };
  });
  const { child, done } = startKoda(place, args(server.baseUrl, "-p", "do it all"));
  while (!isAsked) await new Promise((resolve) => setTimeout(resolve, 20));
  child.kill("SIGKILL");
  await done;
  isLeft = true;
  return server;
}

test("an interrupted session says so, and Enter on an empty line goes on where it stopped", async () => {
  await using place = await createPlace();
  await using server = await leaveUnfinished(place);
  await using terminal = await openKoda(place, server.baseUrl, "--continue");
  await terminal.see("Interrupted: “do it all”");
  await terminal.see("ready");
  await terminal.press("Enter");
  await terminal.see("The end of it.");
  await terminal.see(/% full · .* tok · ready/);
  await terminal.press("CtrlD");
  expect(await terminal.exitCode()).toBe(0);
  expect(await readFile(join(place.project, "done.txt"), "utf8")).toBe("once\n");
});

test("koda resume on a terminal goes on at once, and the screen stays for more", async () => {
  await using place = await createPlace();
  await using server = await leaveUnfinished(place);
  await using terminal = await Terminal.open({
    command: [process.execPath, program, "resume", "--base-url", server.baseUrl, "--model", "scripted"],
    cwd: place.project,
    environment: environmentOf(place),
    columns: 90,
    rows: 30,
  });
  await terminal.see("The end of it.");
  await terminal.see(/tok · ready/);
  await terminal.press("CtrlD");
  expect(await terminal.exitCode()).toBe(0);
  expect(await readFile(join(place.project, "done.txt"), "utf8")).toBe("once\n");
});

test("what is said while a command runs reaches the model once", async () => {
  await using place = await createPlace();
  await using server = await openScriptedServer([
    bash("while ! test -e go; do sleep 0.05; done"),
    { text: "The end of it." },
    { text: "Never asked for." },
  ]);
  await using terminal = await openKoda(place, server.baseUrl);
  await terminal.see("ready");
  await terminal.enter("begin");
  await terminal.see(/● Bash|Bash while/);
  await terminal.enter("use tabs");
  await terminal.see("queued › use tabs");
  await writeFile(join(place.project, "go"), "");
  await terminal.see("The end of it.");
  await terminal.see(/tok · ready/);
  expect(await terminal.see("› use tabs")).not.toContain("queued ›");
  await terminal.press("CtrlD");
  expect(await terminal.exitCode()).toBe(0);
  expect(server.requests()).toHaveLength(2);
  expect(saidIn(server.requests()).filter((text) => text === "use tabs")).toHaveLength(1);
});
