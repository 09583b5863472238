import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { join } from "node:path";
import { openScriptedServer, type ReceivedRequest } from "@koda/providers/testing";
import { describe, expect, test } from "vitest";
import { createPlace, pathWithout, runKoda, startKoda } from "./run-koda.ts";

const bash = (command: string) => ({ toolCalls: [{ name: "Bash", arguments: { command } }] });
const write = (path: string, content: string) => ({
  toolCalls: [{ name: "Write", arguments: { path, content } }],
});
const args = (baseUrl: string, ...more: string[]): string[] => ["--base-url", baseUrl, "--model", "scripted", ...more];

/** What the model was given back for its calls, in order. */
function toolResults(requests: readonly ReceivedRequest[]): string[] {
  return lastMessages(requests)
    .filter(({ role }) => role === "tool")
    .map(({ content }) => content);
}

function lastMessages(requests: readonly ReceivedRequest[]): { role: string; content: string }[] {
  const body = requests.at(-1)?.body as { messages: { role: string; content: string }[] }; // what our adapter sends
  return body.messages;
}

describe("koda -p on a real project", () => {
  test("changes the project, and all of stdout is one JSON object", async () => {
    await using place = await createPlace();
    await using server = await openScriptedServer([write("hello.txt", "hi\n"), { text: "Created hello.txt." }]);
    const run = await runKoda(
      place,
      args(server.baseUrl, "-p", "create hello.txt saying hi", "--mode", "auto", "--output-format", "json"),
    );
    expect(run.stderr).toBe("");
    const report = JSON.parse(run.stdout);
    expect(report).toMatchObject({
      type: "result",
      success: true,
      exitCode: 0,
      response: "Created hello.txt.",
      mode: "auto",
      enforcement: "kernel",
      steps: 2,
      changes: [{ path: "hello.txt", kind: "created", addedLines: 1, removedLines: 0 }],
    });
    expect(run.code).toBe(0);
    expect(await readFile(join(place.project, "hello.txt"), "utf8")).toBe("hi\n");
  });

  test("text puts the answer alone on stdout", async () => {
    await using place = await createPlace();
    await using server = await openScriptedServer([bash("echo out"), { text: "The answer." }]);
    const run = await runKoda(place, args(server.baseUrl, "-p", "go"));
    expect(run.stdout).toBe("The answer.\n");
    expect(run.stderr).toContain("Bash echo out");
    expect(run.code).toBe(0);
  });

  test("stream-json is one event a line, the report last", async () => {
    await using place = await createPlace();
    await using server = await openScriptedServer([bash("echo out"), { text: "Done." }]);
    const run = await runKoda(place, args(server.baseUrl, "-p", "go", "--output-format", "stream-json"));
    const types = run.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).type);
    expect(types[0]).toBe("session-start");
    expect(types).toContain("tool-call-end");
    expect(types.slice(-2)).toEqual(["turn-end", "result"]);
  });
});

describe("a command in the sandbox", () => {
  test("reaches no host that is not allowed, no raw socket, no secret, nothing outside the project; the session goes on", async () => {
    await using place = await createPlace({ "home/.ssh/id_ed25519": "PRIVATE KEY\n" });
    const outside = join(place.home, "planted");
    await using server = await openScriptedServer([
      bash("curl -sS --max-time 5 https://example.com; echo status $?"),
      bash("exec 3<>/dev/tcp/192.0.2.1/80"),
      bash(`cat ${place.home}/.ssh/id_*`),
      bash(`echo x > ${outside}`),
      bash("echo $AWS_SECRET_ACCESS_KEY; tr '\\0' '\\n' < /proc/1/environ; ls /proc/self/fd"),
      { text: "Nothing worked." },
    ]);
    const run = await runKoda(place, args(server.baseUrl, "-p", "try", "--output-format", "json"), {
      AWS_SECRET_ACCESS_KEY: "hunter2-secret",
    });
    const [proxied, raw, key, write_, environment] = toolResults(server.requests());
    expect(proxied).toMatch(/403/);
    expect(proxied).toMatch(/example\.com/);
    expect(raw).toMatch(/Network is unreachable/);
    expect(key).not.toContain("PRIVATE KEY");
    expect(write_).toBeDefined();
    expect(existsSync(outside)).toBe(false);
    expect(environment).not.toContain("hunter2-secret");
    const report = JSON.parse(run.stdout);
    expect(report.response).toBe("Nothing worked.");
    expect(report.connections).toMatchObject([
      { host: "example.com", port: 443, verdict: "refused", callId: report.toolCalls[0].callId },
    ]);
  });

  test("reaches a host that the user allows, and the connection names the call", async () => {
    await using place = await createPlace();
    const upstream = createServer((_, response) => response.end("hello from the host\n"));
    await new Promise<void>((resolve) => upstream.listen(0, "127.0.0.1", resolve));
    const { port } = upstream.address() as { port: number };
    await using server = await openScriptedServer([
      bash(`curl -sS --noproxy '' http://127.0.0.1:${port}/`),
      { text: "Reached." },
    ]);
    const run = await runKoda(
      place,
      args(server.baseUrl, "-p", "go", "--output-format", "json", "--allow-private", `127.0.0.1:${port}`),
    );
    upstream.close();
    expect(toolResults(server.requests())[0]).toContain("hello from the host");
    const report = JSON.parse(run.stdout);
    expect(report.connections).toMatchObject([
      { host: "127.0.0.1", port, verdict: "allowed", callId: report.toolCalls[0].callId },
    ]);
  });

  test("plan mode mounts the project read-only", async () => {
    await using place = await createPlace({ "project/a.txt": "a\n" });
    await using server = await openScriptedServer([bash("cat a.txt"), write("b.txt", "b"), { text: "Looked." }]);
    const run = await runKoda(place, args(server.baseUrl, "-p", "look", "--mode", "plan", "--output-format", "json"));
    const report = JSON.parse(run.stdout);
    expect(report.toolCalls.map((call: { outcome: string }) => call.outcome)).toEqual(["ok", "blocked"]);
    expect(existsSync(join(place.project, "b.txt"))).toBe(false);
    expect(run.code).toBe(0);
  });
});

describe("where something is missing", () => {
  test("no provider: exit 5, with the three shortest ways to get one", async () => {
    await using place = await createPlace();
    const run = await runKoda(place, ["-p", "hi"]);
    expect(run.code).toBe(5);
    expect(run.stdout).toBe("");
    for (const way of ["OPENAI_API_KEY=sk-", "Anthropic", "Ollama"]) expect(run.stderr).toContain(way);
  });

  test("a server that lists no models is asked for the default one", async () => {
    await using place = await createPlace();
    await using server = await openScriptedServer([{ text: "Hello." }]);
    const gateway = createServer((request, response) => {
      const isChat = request.url?.endsWith("/chat/completions") === true;
      response.writeHead(isChat ? 307 : 404, isChat ? { location: `${server.baseUrl}/chat/completions` } : {}).end();
    });
    await new Promise<void>((resolve) => gateway.listen(0, "127.0.0.1", resolve));
    const { port } = gateway.address() as { port: number };
    const run = await runKoda(place, [
      "--base-url",
      `http://127.0.0.1:${port}/v1`,
      "-p",
      "hi",
      "--output-format",
      "json",
    ]);
    gateway.close();
    expect(JSON.parse(run.stdout)).toMatchObject({ success: true, response: "Hello.", model: "gpt-5" });
  });

  test("a server that is not there: exit 5 naming it", async () => {
    await using place = await createPlace();
    const run = await runKoda(place, ["--base-url", "http://127.0.0.1:9/v1", "-p", "hi"]);
    expect(run.code).toBe(5);
    expect(run.stderr).toContain("127.0.0.1:9");
  });

  test("no bubblewrap: auto refuses with the command to type, and no model is asked", async () => {
    await using place = await createPlace();
    await using server = await openScriptedServer([{ text: "never" }]);
    const path = await pathWithout(place, "bwrap");
    const run = await runKoda(place, args(server.baseUrl, "-p", "hi", "--mode", "auto"), { PATH: path });
    expect(run.code).toBe(3);
    expect(run.stderr).toMatch(/install.*bubblewrap/);
    expect(server.requests()).toHaveLength(0);
  });

  test("no bubblewrap: safe works, warns, and reports what is enforced", async () => {
    await using place = await createPlace();
    await using server = await openScriptedServer([{ text: "Hello." }]);
    const path = await pathWithout(place, "bwrap");
    const run = await runKoda(place, args(server.baseUrl, "-p", "hi", "--mode", "safe", "--output-format", "json"), {
      PATH: path,
    });
    expect(run.code).toBe(0);
    expect(run.stderr).toContain("bubblewrap");
    const report = JSON.parse(run.stdout);
    expect(report).toMatchObject({ response: "Hello.", enforcement: "env-only", mode: "safe" });
    expect(report.warnings).toMatchObject([{ code: "sandbox_unavailable" }]);
  });

  test("a proxy that cannot start: the session opens, says so, and works", async () => {
    await using place = await createPlace();
    await using server = await openScriptedServer([bash("echo fine"), { text: "Worked." }]);
    const run = await runKoda(
      place,
      args(server.baseUrl, "-p", "go", "--proxy-port", "18080", "--socks-port", "18080", "--output-format", "json"),
    );
    const report = JSON.parse(run.stdout);
    expect(report.warnings).toMatchObject([
      { code: "socks5_proxy_unavailable", message: expect.stringContaining("18080") },
    ]);
    expect(report).toMatchObject({ success: true, response: "Worked." });
  });

  test("without confinement a proxy port that is taken is a warning, too", async () => {
    await using place = await createPlace();
    await using server = await openScriptedServer([{ text: "Worked." }]);
    const holder = createTcpServer();
    await new Promise<void>((resolve) => holder.listen(0, "127.0.0.1", resolve));
    const { port } = holder.address() as { port: number };
    const path = await pathWithout(place, "bwrap");
    const run = await runKoda(
      place,
      args(server.baseUrl, "-p", "go", "--mode", "safe", "--proxy-port", String(port), "--output-format", "json"),
      { PATH: path },
    );
    holder.close();
    expect(JSON.parse(run.stdout).warnings.map((warning: { code: string }) => warning.code)).toContain(
      "http_proxy_unavailable",
    );
    expect(run.code).toBe(0);
  });
});

describe("sessions", () => {
  test("--continue and --resume go on where the last one ended", async () => {
    await using place = await createPlace();
    await using server = await openScriptedServer([{ text: "First." }, { text: "Second." }, { text: "Third." }]);
    const first = JSON.parse(
      (await runKoda(place, args(server.baseUrl, "-p", "one", "--output-format", "json"))).stdout,
    );
    await runKoda(place, args(server.baseUrl, "-p", "two", "--continue"));
    await runKoda(place, args(server.baseUrl, "-p", "three", "--resume", first.sessionId.slice(0, 13)));
    const said = lastMessages(server.requests())
      .filter(({ role }) => role !== "system")
      .map(({ content }) => content);
    expect(said).toEqual(["one", "First.", "two", "Second.", "three"]);
  });

  test("an unknown session is an error that names it", async () => {
    await using place = await createPlace();
    const run = await runKoda(place, [
      "-p",
      "x",
      "--resume",
      "nosuch",
      "--base-url",
      "http://127.0.0.1:9/v1",
      "--model",
      "m",
    ]);
    expect(run.code).toBe(2);
    expect(run.stderr).toContain("nosuch");
  });

  test("Ctrl-C stops the turn and its commands, and the session can be resumed", async () => {
    await using place = await createPlace();
    await using server = await openScriptedServer([bash("echo started > started; sleep 600"), { text: "Resumed." }]);
    const { child, done } = startKoda(place, args(server.baseUrl, "-p", "wait", "--output-format", "json"));
    while (!existsSync(join(place.project, "started"))) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill("SIGINT");
    const run = await done;
    expect(run.code).toBe(130);
    const report = JSON.parse(run.stdout);
    expect(report).toMatchObject({ success: false, error: { code: "cancelled" } });
    const again = await runKoda(place, args(server.baseUrl, "-p", "go on", "--resume", report.sessionId));
    expect(again.stdout).toBe("Resumed.\n");
  });

  test("--max-turns ends a turn with exit 4", async () => {
    await using place = await createPlace();
    await using server = await openScriptedServer(() => bash(`echo ${Math.random()}`));
    const run = await runKoda(place, args(server.baseUrl, "-p", "loop", "--max-turns", "2", "--output-format", "json"));
    expect(run.code).toBe(4);
    expect(JSON.parse(run.stdout)).toMatchObject({ steps: 2, error: { code: "max-turns" } });
  });
});

describe("host rules", () => {
  test("--host-port and --publish open a port each way, and koda egress names the call and the flag", async () => {
    await using place = await createPlace();
    const database = createTcpServer((socket) => socket.end("a row\n"));
    await new Promise<void>((resolve) => database.listen(0, "127.0.0.1", resolve));
    const { port } = database.address() as { port: number };
    await using server = await openScriptedServer([bash("cat < /dev/tcp/127.0.0.1/5432"), { text: "Read." }]);
    const flags = ["--host-port", `${port}:5432`, "--publish", `${port}:3000`];
    const run = await runKoda(place, args(server.baseUrl, "-p", "read it", ...flags));
    database.close();
    expect(toolResults(server.requests())[0]).toContain("a row");
    expect(run.stderr).toContain(`port ${port} of this machine is in use for --host-port ${port}:5432`);
    expect(run.stderr).not.toContain("without this");
    const egress = await runKoda(place, ["egress", "--json"]);
    expect(JSON.parse(egress.stdout)).toMatchObject([
      {
        protocol: "host-port",
        port,
        verdict: "allowed",
        rule: `--host-port ${port}:5432`,
        callId: expect.any(String),
        bytesDown: 6,
      },
    ]);
  });

  test("koda deny wins over the built-in list, and koda egress shows the refusal", async () => {
    await using place = await createPlace();
    await mkdir(join(place.project, ".git"));
    await writeFile(join(place.project, ".git", "HEAD"), "ref: refs/heads/main\n");
    await using server = await openScriptedServer([
      bash("curl -sS --max-time 5 https://github.com; true"),
      { text: "No." },
    ]);
    expect((await runKoda(place, ["deny", "github.com"])).code).toBe(0);
    await runKoda(place, args(server.baseUrl, "-p", "go"));
    const egress = await runKoda(place, ["egress", "--json"]);
    expect(JSON.parse(egress.stdout)).toMatchObject([{ host: "github.com", verdict: "refused" }]);
    expect((await runKoda(place, ["deny", "github.com", "--remove"])).code).toBe(0);
    expect((await runKoda(place, ["allow"])).stdout).toBe("");
  });

  test("koda allow warns of a pattern below which anybody may have a name; koda deny does not", async () => {
    await using place = await createPlace();
    const allowed = await runKoda(place, ["allow", "**.github.io"]);
    expect(allowed.code).toBe(0);
    expect(allowed.stderr).toMatch(/^koda: warning: \*\*\.github\.io: anybody may have a name below github\.io/m);
    expect((await runKoda(place, ["allow", "**.example.com"])).stderr).not.toContain("warning");
    expect((await runKoda(place, ["deny", "**.gitlab.io"])).stderr).not.toContain("warning");
  });

  test("a bad pattern is refused when it is given", async () => {
    await using place = await createPlace();
    const run = await runKoda(place, ["allow", "*"]);
    expect(run.code).toBe(2);
  });
});
