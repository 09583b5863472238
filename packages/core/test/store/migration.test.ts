import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openSqliteStore } from "../../src/store/sqlite-store.ts";
import { dumpTables, makeOldDatabase, oldVersions, readColumns } from "../fakes/old-databases.ts";

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "koda-migration-"));
  path = join(directory, "koda.db");
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function readVersion(file: string): unknown {
  const database = new Database(file, { readonly: true });
  const version = database.pragma("user_version", { simple: true });
  database.close();
  return version;
}

describe.each(oldVersions)("a database of version %i", (version) => {
  test("keeps every row in every column that it had", () => {
    makeOldDatabase(path, version);
    const columns = readColumns(path);
    const before = dumpTables(path, columns);
    openSqliteStore(path).close();
    expect(dumpTables(path, columns)).toEqual(before);
    expect(readVersion(path)).toBe(3);
  });

  test("reads as sessions whose leaf is their last entry, that go on where they were", () => {
    makeOldDatabase(path, version);
    const store = openSqliteStore(path);
    expect(store.readSession("s1")).toEqual({
      id: "s1",
      projectRoot: "/p",
      title: "old title",
      providerId: "openai",
      model: "small",
      mode: "auto",
      state: "active",
      stateReason: null,
      parentId: null,
      leafId: "e3",
      turnCount: 2,
      fence: 0,
      createdAtMs: 1000,
      updatedAtMs: 5000,
    });
    expect(store.readSession("s2")?.leafId).toBeNull();
    expect(store.readLease("s1")).toEqual({
      token: "token",
      pid: 4242,
      startMarker: "boot 17",
      place: "",
      renewedAtMs: 0,
    });
    const owner = { token: "t", pid: 1, startMarker: "", place: "", renewedAtMs: 1 };
    const answer = store.acquireLease("s1", owner, () => false);
    if (answer.kind === "busy") throw new Error("the old lease is in the way");
    store.appendEntry(answer.writer, {
      id: "e4",
      sessionId: "s1",
      parentId: "e3",
      turnId: "t2",
      createdAtMs: 6000,
      content: { kind: "user", source: "prompt", text: "go on" },
    });
    store.finishCall(
      answer.writer,
      "c2",
      { outcome: "error", text: "interrupted", changes: [], durationMs: 1, origin: "koda", fullTextHash: null },
      6001,
    );
    expect(store.readEntries("s1").map(({ id }) => id)).toEqual(["e1", "e2", "e3", "e4"]);
    store.close();
  });

  test("reads its calls with what can be known of them", () => {
    makeOldDatabase(path, version);
    const store = openSqliteStore(path);
    expect(
      store.readCallsOf("e2").map(({ callId, state, attempts, result }) => [callId, state, attempts, result?.origin]),
    ).toEqual([
      ["c1", "finished", 1, "workspace"],
      ["c2", "started", 1, undefined],
      ["c3", "finished", 0, "koda"],
      ["c4", "requested", 0, undefined],
    ]);
    expect(store.listUsage("s1")).toMatchObject([{ label: "turn", outcome: "finished", costMicros: null }]);
    expect(store.readUsage("s1")).toMatchObject({ inputTokens: 100, requests: 1, unpricedRequests: 1 });
    store.close();
  });

  test("is searched for what was said before", () => {
    makeOldDatabase(path, version);
    const store = openSqliteStore(path);
    const find = (query: string): readonly (string | null)[] =>
      store.search(query, { projectRoot: "/p", sessionId: null, limit: 9 }).map((hit) => hit.callId ?? hit.entryId);
    expect(find("cafe parser")).toEqual(["e1"]);
    expect(find("tokenise")).toEqual(["c1"]);
    expect(find("forbids")).toEqual([]);
    store.close();
  });

  test("is copied first, for its owner alone, and the copy is that version whole", () => {
    makeOldDatabase(path, version);
    const columns = readColumns(path);
    const before = dumpTables(path, columns);
    const backup = `${path}.v${version}.backup`;
    writeFileSync(backup, "an earlier one", { mode: 0o644 });
    openSqliteStore(path).close();
    expect(statSync(backup).mode & 0o777).toBe(0o600);
    expect(readVersion(backup)).toBe(version);
    expect(dumpTables(backup, columns)).toEqual(before);
    expect(readdirSync(directory).filter((name) => name.includes("partial"))).toEqual([]);
  });

  test("is left as it is when it cannot be copied, and migrated once it can", () => {
    makeOldDatabase(path, version);
    const backup = `${path}.v${version}.backup`;
    mkdirSync(join(backup, "in the way"), { recursive: true });
    expect(() => openSqliteStore(path)).toThrow(expect.objectContaining({ code: "store_failed" }));
    expect(readVersion(path)).toBe(version);
    expect(readdirSync(directory).filter((name) => name.includes("partial"))).toEqual([]);
    rmSync(backup, { recursive: true });
    openSqliteStore(path).close();
    expect(readVersion(path)).toBe(3);
  });

  test("is migrated once by processes that open it at the same time, with one good copy", async () => {
    makeOldDatabase(path, version);
    const columns = readColumns(path);
    const before = dumpTables(path, columns);
    const source = new URL("../../src/store/sqlite-store.ts", import.meta.url).href;
    const script = `
      import { openSqliteStore } from ${JSON.stringify(source)};
      const store = openSqliteStore(process.argv[1]);
      if (store.readSession("s1")?.leafId !== "e3") process.exit(3);
      store.close();`;
    const children = [1, 2, 3].map(() =>
      spawn(process.execPath, ["--input-type=module", "-e", script, path], { stdio: ["ignore", "inherit", "inherit"] }),
    );
    const codes = await Promise.all(children.map(async (child) => (await once(child, "exit"))[0]));
    expect(codes).toEqual([0, 0, 0]);
    expect(dumpTables(path, columns)).toEqual(before);
    expect(dumpTables(`${path}.v${version}.backup`, columns)).toEqual(before);
    expect(readVersion(`${path}.v${version}.backup`)).toBe(version);
  });
});

test("an old entry that cannot be understood does not keep the others from being migrated", () => {
  makeOldDatabase(path, 2);
  const database = new Database(path);
  database.exec(`INSERT INTO entries (id, session_id, turn_id, content, created_at) VALUES
    ('x1', 's2', 't', 'not JSON', 1), ('x2', 's2', 't', '{"kind":"hologram"}', 1), ('x3', 's2', 't', '[]', 1)`);
  database.close();
  const store = openSqliteStore(path);
  expect(store.readEntries("s1")).toHaveLength(3);
  expect(() => store.readEntries("s2")).toThrow(expect.objectContaining({ code: "store_failed" }));
  store.close();
});

test("a new database is made without a copy", () => {
  openSqliteStore(path).close();
  openSqliteStore(path).close();
  expect(readdirSync(directory)).toEqual(["koda.db"]);
});

test("a database of a later version is refused in plain words and left as it is", () => {
  openSqliteStore(path).close();
  const database = new Database(path);
  database.pragma("user_version = 999");
  database.close();
  expect(() => openSqliteStore(path)).toThrow(
    expect.objectContaining({
      code: "store_newer",
      message: "the database has version 999, this program knows up to 3: update Koda to open it",
    }),
  );
  expect(readVersion(path)).toBe(999);
  expect(existsSync(`${path}.v999.backup`)).toBe(false);
});

test("a copy is not made readable for others by the mode of the database", () => {
  makeOldDatabase(path, 2);
  chmodSync(path, 0o644);
  openSqliteStore(path).close();
  expect(statSync(`${path}.v2.backup`).mode & 0o777).toBe(0o600);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});
