import { readFile, stat } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { openScriptedServer } from "@koda/providers/testing";
import { describe, expect, test } from "vitest";
import { createPlace, runKoda } from "./run-koda.ts";
import { args, bash } from "./scripted-steps.ts";
import { Terminal } from "./tui/terminal.ts";

interface Collector extends AsyncDisposable {
  readonly url: string;
  /** Path and body of each request. */
  readonly received: readonly string[];
}

/** A collector that answers as OTLP says; `mute` takes what it is sent and never answers. */
async function openCollector(manner: "answering" | "mute" = "answering"): Promise<Collector> {
  const received: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      received.push(`${request.url} ${Buffer.concat(chunks).toString("utf8")}`);
      if (manner === "answering") response.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const secretPrompt = "the prompt nobody else shall read";
const steps = () => [bash("echo the-output"), { text: "the-answer" }];
const loggedImports = (path: string): Record<string, string> => ({
  NODE_OPTIONS: `--import=${fileURLToPath(new URL("__fixtures__/log-imports.mjs", import.meta.url))}`,
  LOADED_MODULES: path,
});

describe("OTEL_EXPORTER_OTLP_ENDPOINT", () => {
  test("has the spans of a turn sent there, named after Koda, and no text of the conversation", async () => {
    await using place = await createPlace();
    await using collector = await openCollector();
    await using server = await openScriptedServer(steps());
    const run = await runKoda(place, args(server.baseUrl, "-p", secretPrompt, "--output-format", "json"), {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=ci",
    });
    expect(run).toMatchObject({ code: 0, stderr: "" });
    const sent = collector.received.join("\n");
    expect(sent).toMatch(/^\/v1\/traces \{/);
    for (const part of ['"invoke_agent koda"', '"execute_tool Bash"', '"stringValue":"koda"', '"stringValue":"ci"']) {
      expect(sent).toContain(part);
    }
    for (const text of [secretPrompt, "the-output", "the-answer"]) expect(sent).not.toContain(text);
  });

  test("of a session on a terminal, too, once it is left", async () => {
    await using place = await createPlace();
    await using collector = await openCollector();
    await using server = await openScriptedServer([{ text: "the-answer" }]);
    const program = fileURLToPath(new URL("../bin/koda.js", import.meta.url));
    await using terminal = await Terminal.open({
      command: [process.execPath, program, ...args(server.baseUrl)],
      cwd: place.project,
      environment: {
        HOME: place.home,
        PATH: [dirname(process.execPath), process.env["PATH"]].join(":"),
        LANG: "C.UTF-8",
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      },
      columns: 90,
      rows: 30,
    });
    await terminal.see("ready");
    await terminal.enter("go");
    await terminal.see("the-answer");
    await terminal.see(/tok · ready/);
    await terminal.press("CtrlD");
    expect(await terminal.exitCode()).toBe(0);
    expect(collector.received.join("\n")).toContain('"invoke_agent koda"');
  });

  test.each([
    ["that is not set", {}],
    ["while OTEL_SDK_DISABLED is true", { OTEL_SDK_DISABLED: "TRUE" }],
    ["while OTEL_TRACES_EXPORTER is none", { OTEL_TRACES_EXPORTER: "none" }],
  ])("%s: nothing is sent, and nothing of OpenTelemetry is loaded", async (_when, environment) => {
    await using place = await createPlace();
    await using collector = await openCollector();
    await using server = await openScriptedServer(steps());
    const loaded = join(place.home, "loaded.txt");
    const isSet = Object.keys(environment).length > 0;
    const run = await runKoda(place, args(server.baseUrl, "-p", secretPrompt), {
      ...environment,
      ...(isSet ? { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url } : {}),
      ...loggedImports(loaded),
    });
    expect(run).toMatchObject({ code: 0, stdout: "the-answer\n" });
    const modules = await readFile(loaded, "utf8");
    expect(modules).toContain("/dist/commands/run.js");
    expect(modules).not.toContain("opentelemetry");
    expect(collector.received).toEqual([]);
  });

  test.each(["mute", "gone"] as const)("of a collector that is %s costs a warning, not the answer", async (manner) => {
    await using place = await createPlace();
    const collector = await openCollector("mute");
    if (manner === "gone") await collector[Symbol.asyncDispose]();
    await using server = await openScriptedServer(steps());
    const run = await runKoda(place, args(server.baseUrl, "-p", secretPrompt), {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    });
    if (manner === "mute") await collector[Symbol.asyncDispose]();
    expect(run).toMatchObject({ code: 0, stdout: "the-answer\n" });
    expect(run.stderr).toContain("koda: not all traces reached the collector of OTEL_EXPORTER_OTLP_ENDPOINT: ");
  });
});

describe("--trace", () => {
  test("writes what happens, without any text of it, behind what is there, for its owner alone", async () => {
    await using place = await createPlace();
    await using server = await openScriptedServer([...steps(), { text: "again" }]);
    const path = join(place.project, "trace.jsonl");
    expect((await runKoda(place, args(server.baseUrl, "-p", secretPrompt, "--trace", "trace.jsonl"))).code).toBe(0);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const first = await readFile(path, "utf8");
    const types = first
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).type);
    expect(types.slice(0, 2)).toEqual(["session-start", "turn-start"]);
    expect(types).toContain("tool-call-end");
    for (const text of [secretPrompt, "the-output", "the-answer"]) expect(first).not.toContain(text);
    await runKoda(place, args(server.baseUrl, "--continue", "-p", "more"), { KODA_TRACE: "trace.jsonl" });
    const both = await readFile(path, "utf8");
    expect(both.startsWith(first)).toBe(true);
    expect(both.length).toBeGreaterThan(first.length);
  });

  test("to a place that cannot be written is exit 2, before a model is asked", async () => {
    await using place = await createPlace();
    await using server = await openScriptedServer(steps());
    const run = await runKoda(place, args(server.baseUrl, "-p", "go", "--trace", "no/such/folder.jsonl"));
    expect(run).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("the trace cannot be written") });
    expect(server.requests()).toEqual([]);
  });
});
