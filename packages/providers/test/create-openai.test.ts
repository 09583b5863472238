import { expect, test } from "vitest";
import { createOpenAi, listOpenAiModels, ProviderError, preloadOpenAi } from "../src/index.ts";
import { openScriptedServer } from "../src/testing/scripted-server.ts";
import { collect, hello } from "./collect.ts";

test("one request is sent, with the key, and nothing is repeated", async () => {
  await using server = await openScriptedServer([{ fault: { kind: "status", status: 503 } }]);
  await collect(createOpenAi({ apiKey: " sk-1\n", baseUrl: server.baseUrl, model: "m" }));
  expect(server.requests()).toHaveLength(1);
  expect(server.requests()[0]).toMatchObject({
    headers: { authorization: "Bearer sk-1" },
    body: { model: "m", messages: [{ role: "user", content: "hello" }] },
  });
});

test.each(["", "none", "  "])("key %j sends no credentials", async (apiKey) => {
  await using server = await openScriptedServer([{ text: "hi" }]);
  const { error } = await collect(createOpenAi({ apiKey, baseUrl: `${server.baseUrl}/`, model: "m" }));
  expect(error).toBeNull();
  expect(server.requests()[0]?.headers["authorization"]).toBeUndefined();
});

test.each([
  { apiKey: "k", baseUrl: "localhost:11434", model: "m" },
  { apiKey: "k", baseUrl: "ftp://x/v1", model: "m" },
  { apiKey: "k", baseUrl: "http://me:pw@x/v1", model: "m" },
  { apiKey: "sk-\u00fc", model: "m" },
  { apiKey: "k", model: "" },
])("what cannot be used is unconfigured: %j", (options) => {
  expect(() => createOpenAi(options)).toThrow(expect.objectContaining({ code: "unconfigured" }));
  expect(() => createOpenAi(options)).not.toThrow(/pw|sk-/);
});

test("aborting in mid-answer rejects with the reason and breaks the connection", async () => {
  await using server = await openScriptedServer([{ text: "one two three", delayMs: 30 }]);
  const abort = new AbortController();
  const provider = createOpenAi({ apiKey: "k", baseUrl: server.baseUrl, model: "m" });
  const reading = (async () => {
    for await (const part of provider.stream(hello, { signal: abort.signal })) {
      if (part.type === "text-delta") abort.abort(new Error("enough"));
    }
  })();
  await expect(reading).rejects.toThrow("enough");
});

test("an abort before the first byte sends nothing", async () => {
  await using server = await openScriptedServer([{ text: "x" }]);
  const provider = createOpenAi({ apiKey: "k", baseUrl: server.baseUrl, model: "m" });
  const { error } = await collect(provider, AbortSignal.abort(new Error("never")));
  expect(error).toMatchObject({ message: "never" });
  expect(server.requests()).toEqual([]);
});

test("loading the SDK ahead is harmless, also twice", async () => {
  await Promise.all([preloadOpenAi(), preloadOpenAi()]);
  await using server = await openScriptedServer([{ text: "hi" }]);
  expect((await collect(createOpenAi({ apiKey: "k", baseUrl: server.baseUrl, model: "m" }))).error).toBeNull();
});

test("models are listed by id", async () => {
  await using server = await openScriptedServer([]);
  expect(await listOpenAiModels({ apiKey: "", baseUrl: server.baseUrl })).toEqual(["scripted"]);
  const wrong = listOpenAiModels({ apiKey: "", baseUrl: server.baseUrl.replace("/v1", "/v2") });
  await expect(wrong).rejects.toThrow(ProviderError);
  await expect(wrong).rejects.toMatchObject({ code: "bad_request", status: 404 });
});

test("a script that ends says so", async () => {
  await using server = await openScriptedServer((request) => ({ text: `got ${request.path}` }));
  const provider = createOpenAi({ apiKey: "k", baseUrl: server.baseUrl, model: "m" });
  expect((await collect(provider)).parts).toContainEqual({ type: "text-delta", text: " /v1/chat/completions" });
  await using empty = await openScriptedServer([]);
  const { error } = await collect(createOpenAi({ apiKey: "k", baseUrl: empty.baseUrl, model: "m" }));
  expect(error).toMatchObject({ code: "server", message: expect.stringContaining("no answer number 1") });
});
