import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openSqliteStore } from "../../src/store/sqlite-store.ts";
import { openWriter, sampleOwner, samplePrompt, sampleSession } from "../../src/store-conformance/sample-records.ts";

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "koda-processes-"));
  path = join(directory, "koda.db");
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const sourceUrl = (name: string): string => JSON.stringify(new URL(`../../src/${name}`, import.meta.url).href);

const imports = `
  import { openSqliteStore } from ${sourceUrl("store/sqlite-store.ts")};
  import { openWriter, sampleOwner, samplePrompt, sampleSession } from ${sourceUrl("store-conformance/sample-records.ts")};
  const [path, id] = process.argv.slice(1);
`;

/** Runs a program that imports the store, beside this process. Its arguments are the database and `id`. */
function start(program: string, id: string): ChildProcess {
  return spawn(process.execPath, ["--input-type=module", "-e", imports + program, path, id], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

async function exitCodes(children: readonly ChildProcess[]): Promise<unknown[]> {
  return Promise.all(children.map(async (child) => (await once(child, "exit"))[0]));
}

test("eight processes that append to a session each lose nothing", async () => {
  const program = `
    const store = openSqliteStore(path);
    const writer = openWriter(store, id);
    for (let n = 0; n < 50; n += 1) {
      store.appendEntry(writer, samplePrompt(id, id + "-" + n, n === 0 ? null : id + "-" + (n - 1)));
      if (n % 5 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    store.close();`;
  const ids = Array.from({ length: 8 }, (_, index) => `s${index}`);
  expect(await exitCodes(ids.map((id) => start(program, id)))).toEqual(ids.map(() => 0));
  const store = openSqliteStore(path);
  for (const id of ids) {
    const entries = store.readEntries(id);
    expect(entries.map((entry) => entry.id)).toEqual(Array.from({ length: 50 }, (_, n) => `${id}-${n}`));
    expect(entries.map((entry) => entry.parentId)).toEqual([null, ...entries.slice(0, -1).map((entry) => entry.id)]);
    expect(store.readSession(id)?.leafId).toBe(`${id}-49`);
  }
  store.close();
});

test("of processes that want one session at once exactly one gets it", async () => {
  const store = openSqliteStore(path);
  store.createSession(sampleSession("s1"));
  const program = `
    const store = openSqliteStore(path);
    const answer = store.acquireLease("s1", sampleOwner(id), () => true);
    console.log(answer.kind);
    store.close();`;
  const children = ["a", "b", "c"].map((id) => start(program, id));
  const said = await Promise.all(
    children.map(async (child) => {
      let text = "";
      for await (const chunk of child.stdout ?? []) text += String(chunk);
      return text.trim();
    }),
  );
  expect(said.toSorted()).toEqual(["busy", "busy", "held"]);
  expect(store.readSession("s1")?.fence).toBe(1);
  store.close();
});

test("a writer whose session another process took over is refused, and what it wrote before stays", async () => {
  const store = openSqliteStore(path);
  const writer = openWriter(store, "s1");
  store.appendEntry(writer, samplePrompt("s1", "e1", null));
  const program = `
    const store = openSqliteStore(path);
    const answer = store.acquireLease("s1", sampleOwner(id), () => false);
    store.appendEntry(answer.writer, samplePrompt("s1", "e2", "e1"));
    store.close();`;
  expect(await exitCodes([start(program, "thief")])).toEqual([0]);
  expect(() => store.appendEntry(writer, samplePrompt("s1", "e3", "e1"))).toThrow(
    expect.objectContaining({ code: "lease_lost" }),
  );
  expect(() => store.renewLease(writer, 9000)).toThrow(expect.objectContaining({ code: "lease_lost" }));
  expect(store.readEntries("s1").map(({ id }) => id)).toEqual(["e1", "e2"]);
  expect(store.readLease("s1")).toEqual(sampleOwner("thief"));
  store.close();
});

test("another process answers a question while nobody holds the session", async () => {
  const store = openSqliteStore(path);
  store.openWait(openWriter(store, "s1"), {
    key: "s1/wait/1",
    turnId: "t1",
    callId: null,
    kind: "question",
    payloadJson: "{}",
    deadlineMs: null,
    createdAtMs: 1,
  });
  store.releaseLease("s1", "owner of s1");
  const program = `
    const store = openSqliteStore(path);
    store.answerWait("s1/wait/1", { json: '"yes"', by: id, nowMs: 2 });
    store.close();`;
  expect(await exitCodes([start(program, "phone")])).toEqual([0]);
  expect(store.readWait("s1/wait/1")).toMatchObject({ state: "answered", answerJson: '"yes"', answeredBy: "phone" });
  store.close();
});

test("a process that is killed in the middle of its writes leaves whole ones", async () => {
  const program = `
    const store = openSqliteStore(path);
    const writer = openWriter(store, "s1");
    for (let n = 0; ; n += 1) {
      store.together(() => {
        store.appendEntry(writer, samplePrompt("s1", "a" + n, n === 0 ? null : "b" + (n - 1)));
        store.appendEntry(writer, samplePrompt("s1", "b" + n, "a" + n));
      });
      if (n === 20) console.log("going");
    }`;
  const child = start(program, "s1");
  if (child.stdout === null) throw new Error("no output");
  await once(child.stdout, "data");
  child.kill("SIGKILL");
  await once(child, "exit");
  const store = openSqliteStore(path);
  const entries = store.readEntries("s1");
  expect(entries.length).toBeGreaterThan(40);
  expect(entries.length % 2).toBe(0);
  expect(store.readSession("s1")?.leafId).toBe(entries.at(-1)?.id);
  store.close();
});
