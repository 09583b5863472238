import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createOpenAi, openReplayServer, ProviderError, parseCassette, recordingFetch } from "../src/index.ts";
import { openScriptedServer, type ScriptStep } from "../src/testing/scripted-server.ts";
import { collect, failureOf, hello, type Outcome } from "./collect.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "koda-replay-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const steps: readonly ScriptStep[] = [
  { thinking: "let me see", text: "für 木 🌲", toolCalls: [{ name: "Bash", arguments: { command: "ls" } }] },
  { fault: { kind: "status", status: 429, headers: { "retry-after": "3", "set-cookie": "s=1" } } },
  { text: "bytes 木", fault: { kind: "byte-writes" } },
];

async function record(path: string): Promise<readonly Outcome[]> {
  await using server = await openScriptedServer(steps);
  const baseUrl = server.baseUrl;
  const provider = createOpenAi({ apiKey: "sk-secret", baseUrl, model: "m", fetch: recordingFetch(path) });
  return [await collect(provider), await collect(provider), await collect(provider)];
}

test("a recorded session replays to the same parts and failures", async () => {
  const path = join(folder, "session.jsonl");
  const outcomes = await record(path);
  await using replay = await openReplayServer({ cassette: path });
  const provider = createOpenAi({ apiKey: "", baseUrl: replay.baseUrl, model: "m" });
  const replayed = [await collect(provider), await collect(provider), await collect(provider)];
  expect(replayed.map(({ parts }) => parts)).toEqual(outcomes.map(({ parts }) => parts));
  expect(failureOf(replayed[1] ?? { parts: [], error: null })).toMatchObject({
    code: "rate_limited",
    retryAfterMs: 3000,
  });
  expect(replay.requests()).toHaveLength(3);
  expect(replay.requests()[0]).toMatchObject({ model: "m", stream: true });
  expect(failureOf(await collect(provider))).toMatchObject({
    code: "server",
    message: expect.stringContaining("the cassette ended: request 4 of 3"),
  });
});

test("a cassette holds no key and no cookie, and only its owner may read it", async () => {
  const path = join(folder, "secrets.jsonl");
  await record(path);
  const text = await readFile(path, "utf8");
  expect(text).not.toMatch(/sk-secret|authorization|set-cookie/i);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(parseCassette(text).header).toMatchObject({ koda: "cassette", version: 1, provider: "openai", model: "m" });
});

test("an exchange is on disk before its reader sees the end, and a reader that leaves early is recorded", async () => {
  const path = join(folder, "early.jsonl");
  await using server = await openScriptedServer([{ text: "one two three" }]);
  const fetching = recordingFetch(path);
  const provider = createOpenAi({ apiKey: "k", baseUrl: server.baseUrl, model: "m", fetch: fetching });
  for await (const part of provider.stream(hello, { signal: new AbortController().signal })) {
    if (part.type === "text-delta") break;
  }
  const { exchanges } = parseCassette(await readFile(path, "utf8"));
  expect(exchanges).toHaveLength(1);
  expect(exchanges[0]?.response.chunks.join("")).toContain("one");
});

test("a recorder that was killed in mid-line leaves a cassette that still plays", async () => {
  const path = join(folder, "killed.jsonl");
  await record(path);
  await appendFile(path, '{"request":{"method":"PO');
  expect(parseCassette(await readFile(path, "utf8")).exchanges).toHaveLength(3);
});

const header = '{"koda":"cassette","version":1,"provider":"openai","model":"m","recordedAtMs":1}';

test.each([
  ["", "line 1"],
  ['{"koda":"cassette","version":2}', "line 1 of the cassette at version"],
  [`${header}\nnonsense\n`, "line 2 of the cassette is no JSON"],
  [`${header}\n{"request":{}}\n`, "line 2 of the cassette at request.method"],
])("cassette %j is refused, naming the line", (text, message) => {
  expect(() => parseCassette(text)).toThrow(ProviderError);
  expect(() => parseCassette(text)).toThrow(message);
});

test("a cassette that is missing or empty of exchanges is refused", async () => {
  const path = join(folder, "empty.jsonl");
  await writeFile(path, `${header}\n`);
  for (const cassette of [path, join(folder, "absent.jsonl")]) {
    await expect(openReplayServer({ cassette })).rejects.toMatchObject({ code: "bad_cassette" });
  }
});
