import { createServer } from "node:net";
import { expect, test } from "vitest";
import { createOpenAi } from "../src/index.ts";
import { openScriptedServer, type ScriptFault } from "../src/testing/scripted-server.ts";
import { ask, collect, failureOf, textOf } from "./collect.ts";

const text = "one two three – für 木 🌲 four five";

test.each<ScriptFault>([
  { kind: "bad-line" },
  { kind: "html-between" },
  { kind: "crlf" },
  { kind: "byte-writes" },
  { kind: "silence", durationMs: 50 },
])("an answer survives $kind unharmed", async (fault) => {
  const { parts, error } = await ask({ text, toolCalls: [{ name: "Bash", arguments: { command: "ls 木" } }], fault });
  expect(error).toBeNull();
  expect(textOf(parts)).toBe(text);
  expect(parts.at(-3)).toEqual({
    type: "tool-call",
    callId: "call_1",
    name: "Bash",
    argumentsJson: '{"command":"ls 木"}',
  });
  expect(parts.at(-1)).toEqual({ type: "finish", reason: "tool-calls" });
});

test.each<{ fault: ScriptFault; code: string }>([
  { fault: { kind: "reset" }, code: "network" },
  { fault: { kind: "cut" }, code: "stream_cut" },
  { fault: { kind: "no-end" }, code: "stream_cut" },
  { fault: { kind: "empty" }, code: "bad_response" },
  { fault: { kind: "error-event" }, code: "server" },
  { fault: { kind: "error-event", error: { message: "slow down", code: 429 } }, code: "rate_limited" },
  { fault: { kind: "error-event", error: { message: "no", type: "invalid_request_error" } }, code: "bad_request" },
  {
    fault: { kind: "error-event", error: { message: "x", code: "context_length_exceeded" } },
    code: "context_overflow",
  },
])("$fault.kind is told as $code", async ({ fault, code }) => {
  const outcome = await ask({ text, fault });
  expect(failureOf(outcome).code).toBe(code);
});

test.each<ScriptFault>([{ kind: "cut" }, { kind: "no-end" }, { kind: "error-event" }])(
  "text before $kind is kept, and no tool call is offered",
  async (fault) => {
    const { parts } = await ask({ text, toolCalls: [{ name: "Bash", arguments: { command: "rm -r x" } }], fault });
    expect(text.startsWith(textOf(parts))).toBe(true);
    expect(textOf(parts)).not.toBe("");
    expect(parts.map((part) => part.type)).not.toContain("tool-call");
    expect(parts.map((part) => part.type)).not.toContain("finish");
  },
);

test.each([
  { status: 400, body: { error: { message: "bad field" } }, code: "bad_request" },
  { status: 400, body: { error: { message: "x", code: "context_length_exceeded" } }, code: "context_overflow" },
  {
    status: 400,
    body: { object: "error", message: "This model's maximum context length is 4096 tokens.", code: 400 },
    code: "context_overflow",
  },
  { status: 400, body: { error: { type: "exceed_context_size_error", message: "x" } }, code: "context_overflow" },
  { status: 401, body: undefined, code: "auth" },
  { status: 402, body: undefined, code: "auth" },
  { status: 403, body: undefined, code: "auth" },
  { status: 404, body: { error: "model 'x' not found" }, code: "bad_request" },
  { status: 408, body: undefined, code: "server" },
  { status: 413, body: "<html>too large</html>", code: "context_overflow" },
  { status: 422, body: undefined, code: "bad_request" },
  { status: 429, body: undefined, code: "rate_limited" },
  { status: 429, body: { error: { message: "pay", code: "insufficient_quota" } }, code: "auth" },
  { status: 500, body: undefined, code: "server" },
  { status: 503, body: "<html>down</html>", code: "server" },
])("status $status with $body is told as $code", async ({ status, body, code }) => {
  const failure = failureOf(await ask({ fault: { kind: "status", status, body } }));
  expect(failure).toMatchObject({ code, status });
  expect(failure.message).toContain(`answered ${status}`);
});

test.each([
  { headers: { "retry-after": "7" }, retryAfterMs: 7000 },
  { headers: { "retry-after": "60", "retry-after-ms": "250" }, retryAfterMs: 250 },
  { headers: { "retry-after": "Thu, 01 Jan 1970 00:00:00 GMT" }, retryAfterMs: 0 },
  { headers: {}, retryAfterMs: undefined },
])("the wait that $headers asks for is $retryAfterMs ms", async ({ headers, retryAfterMs }) => {
  const failure = failureOf(await ask({ fault: { kind: "status", status: 429, headers: { ...headers } } }));
  expect(failure.retryAfterMs).toBe(retryAfterMs);
});

test("a server that says nothing more is cut after the time limit", async () => {
  const outcome = await ask({ text, fault: { kind: "silence", durationMs: 60_000 } }, 500);
  expect(failureOf(outcome)).toMatchObject({ code: "stream_cut", message: expect.stringContaining("500 ms") });
  expect(textOf(outcome.parts)).not.toBe("");
});

test("a server that never answers is a network failure after the time limit", async () => {
  await using silent = await openSilentServer();
  const provider = createOpenAi({ apiKey: "k", baseUrl: silent.baseUrl, model: "m", timeoutMs: 200 });
  expect(failureOf(await collect(provider))).toMatchObject({
    code: "network",
    message: `${silent.baseUrl} did not answer within 200 ms`,
  });
});

test("a refused connection names the base URL and the reason", async () => {
  const silent = await openSilentServer();
  await silent[Symbol.asyncDispose]();
  const failure = failureOf(await collect(createOpenAi({ apiKey: "k", baseUrl: silent.baseUrl, model: "m" })));
  expect(failure.code).toBe("network");
  expect(failure.message).toContain(`cannot reach ${silent.baseUrl}`);
  expect(failure.message).toContain("ECONNREFUSED");
});

test.each([
  { what: "a port that fetch never asks", baseUrl: "http://127.0.0.1:9/v1", reason: "bad port" },
  { what: "a redirect to another protocol", location: "ftp://127.0.0.1/", reason: "HTTP(S) scheme" },
  { what: "a redirect to no URL", location: "http://[", reason: "Invalid URL" },
])("$what is a bad request, which no retry can mend", async ({ baseUrl, location = "", reason }) => {
  await using server = await openScriptedServer([{ fault: { kind: "status", status: 307, headers: { location } } }]);
  const provider = createOpenAi({ apiKey: "k", baseUrl: baseUrl ?? server.baseUrl, model: "m" });
  expect(failureOf(await collect(provider))).toMatchObject({
    code: "bad_request",
    message: expect.stringContaining(reason),
  });
});

test("a key that the server repeats never reaches a message", async () => {
  for (const fault of [
    { kind: "status", status: 401, body: { error: { message: "Incorrect API key provided: sk-secret" } } },
    { kind: "error-event", error: { message: "bad key sk-secret" } },
  ] as const) {
    const failure = failureOf(await ask({ text, fault }));
    expect(failure.message).toContain("[key]");
    expect(`${failure.message} ${failure.stack} ${String(failure.cause)}`).not.toContain("sk-secret");
  }
});

async function openSilentServer(): Promise<AsyncDisposable & { readonly baseUrl: string }> {
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.resume().on("error", () => socket.destroy());
  });
  const sockets = new Set<import("node:net").Socket>();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    baseUrl: `http://127.0.0.1:${address.port}/v1`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
