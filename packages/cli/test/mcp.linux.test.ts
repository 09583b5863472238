import { existsSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openScriptedServer, type ReceivedRequest } from "@koda/providers/testing";
import { expect, test } from "vitest";
import { createPlace, type Place, pathWithout, runKoda } from "./run-koda.ts";

const fixture = fileURLToPath(new URL("__fixtures__/mcp-server.mjs", import.meta.url));
const echo = { name: "files__echo", arguments: { message: "grüß dich" } };
const change = { name: "files__change", arguments: {} };
const environment = { name: "files__environment", arguments: {} };

/** In the project: a checkout below /tmp is not there for what runs in the sandbox. */
async function placeServer(place: Place): Promise<string> {
  const path = join(place.project, "server.mjs");
  await copyFile(fixture, path);
  return path;
}

const baseArgs = (baseUrl: string): string[] => {
  return ["--base-url", baseUrl, "--model", "scripted", "-p", "go", "--output-format", "json"];
};

interface ServerRun {
  readonly code: number | null;
  // biome-ignore lint/suspicious/noExplicitAny: what the program printed is what the tests are about
  readonly report: any;
  readonly requests: readonly ReceivedRequest[];
}

/** Adds the server as a person does, and has the model call one of its tools. */
async function runWithServer(
  place: Place,
  call: { readonly name: string; readonly arguments: Readonly<Record<string, unknown>> },
  mode: "plan" | "safe" | "auto",
  variables: Readonly<Record<string, string>> = {},
): Promise<ServerRun> {
  const argv = ["mcp", "add", "-e", "GIVEN=yes", "files", process.execPath, await placeServer(place)];
  expect((await runKoda(place, argv)).code).toBe(0);
  await using server = await openScriptedServer([{ toolCalls: [call] }, { text: "Done." }]);
  const run = await runKoda(place, [...baseArgs(server.baseUrl), "--mode", mode], variables);
  return { code: run.code, report: JSON.parse(run.stdout), requests: server.requests() };
}

function answerOf(requests: readonly ReceivedRequest[]): string {
  const body = requests.at(-1)?.body as { messages: { role: string; content: string }[] }; // what our adapter sends
  return body.messages.findLast(({ role }) => role === "tool")?.content ?? "";
}

test("a configured server's tool is offered, called and answers, inside the sandbox", async () => {
  await using place = await createPlace();
  const { code, report, requests } = await runWithServer(place, echo, "auto");
  expect(code).toBe(0);
  expect(report).toMatchObject({ response: "Done.", warnings: [], toolCalls: [{ name: echo.name, outcome: "ok" }] });
  expect(answerOf(requests)).toContain("grüß dich");
});

test.each([
  ["auto", "ok", 0],
  ["safe", "rejected", 3],
  ["plan", "blocked", 0],
] as const)("in %s mode a tool that says it changes something is %s", async (mode, outcome, code) => {
  await using place = await createPlace();
  const run = await runWithServer(place, change, mode);
  expect(run.report.toolCalls).toMatchObject([{ name: change.name, outcome }]);
  expect(run.code).toBe(code);
});

test("a server sees no secret of the user and no variable that it was not given", async () => {
  await using place = await createPlace();
  const { requests } = await runWithServer(place, environment, "auto", { AWS_SECRET_ACCESS_KEY: "hunter2-secret" });
  expect(answerOf(requests)).toContain('"GIVEN": "yes"');
  expect(answerOf(requests)).not.toContain("hunter2-secret");
});

test.each([
  ["plan", false],
  ["auto", true],
])("in %s mode whether a server can write to the project is %s, whatever its tools claim", async (mode, canWrite) => {
  await using place = await createPlace();
  const script = 'echo x > planted; exec "$0" "$@"';
  const argv = ["mcp", "add", "writer", "bash", "-c", script, process.execPath, await placeServer(place)];
  expect((await runKoda(place, argv)).code).toBe(0);
  await using server = await openScriptedServer([{ text: "Done." }]);
  const run = await runKoda(place, [...baseArgs(server.baseUrl), "--mode", mode]);
  expect(JSON.parse(run.stdout)).toMatchObject({ success: true, warnings: [] });
  expect(existsSync(join(place.project, "planted"))).toBe(canWrite);
});

test("a server that does not start is a warning that is safe to show, and the session works", async () => {
  await using place = await createPlace();
  const words = "printf 'last \\033]0;words\\a' >&2; exit 3";
  expect((await runKoda(place, ["mcp", "add", "broken", "bash", "-c", words])).code).toBe(0);
  await using server = await openScriptedServer([{ text: "Works." }]);
  const run = await runKoda(place, baseArgs(server.baseUrl));
  expect(JSON.parse(run.stdout)).toMatchObject({
    response: "Works.",
    warnings: [{ code: "mcp_server_failed", message: expect.stringContaining("broken") }],
  });
  expect(run.stderr).toContain("words");
  expect(run.stderr).not.toContain("\u001b");
});

test("without a confining kernel no server is started, and a warning says why", async () => {
  await using place = await createPlace();
  const path = await pathWithout(place, "bwrap");
  const marker = join(place.home, "started");
  expect((await runKoda(place, ["mcp", "add", "files", "touch", marker])).code).toBe(0);
  await using server = await openScriptedServer([{ text: "Works." }]);
  const run = await runKoda(place, [...baseArgs(server.baseUrl), "--mode", "safe"], { PATH: path });
  const { response, warnings } = JSON.parse(run.stdout);
  expect(response).toBe("Works.");
  expect(warnings).toContainEqual({ code: "mcp_server_failed", message: expect.stringContaining("files") });
  expect(existsSync(marker)).toBe(false);
});

test("after text from outside, a remote action is a question: without a person it is refused, and the model reads why", async () => {
  await using place = await createPlace();
  const argv = ["mcp", "add", "files", process.execPath, await placeServer(place)];
  expect((await runKoda(place, argv)).code).toBe(0);
  await using server = await openScriptedServer([{ toolCalls: [echo] }, { toolCalls: [change] }, { text: "Done." }]);
  const run = await runKoda(place, [...baseArgs(server.baseUrl), "--mode", "auto"]);
  expect(run.code).toBe(3);
  expect(JSON.parse(run.stdout).toolCalls.map(({ outcome }: { outcome: string }) => outcome)).toEqual([
    "ok",
    "rejected",
  ]);
  expect(answerOf(server.requests())).toMatch(/text from outside \(files__echo\)/);
});
