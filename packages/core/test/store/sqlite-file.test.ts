import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, expect, test } from "vitest";
import { firstTables } from "../../src/store/migrations/0001-first-tables.ts";
import { openSqliteStore } from "../../src/store/sqlite-store.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "koda-sqlite-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const session = {
  id: "s1",
  projectRoot: "/p",
  title: "t",
  providerId: "p",
  model: "m",
  mode: "safe",
  turnCount: 1,
  createdAtMs: 1,
  updatedAtMs: 1,
} as const;

test("the file and its side files are for their owner alone, in a directory for its owner alone", () => {
  const path = join(directory, "new", "deeper", "koda.db");
  const store = openSqliteStore(path);
  store.createSession(session);
  expect(statSync(join(directory, "new", "deeper")).mode & 0o777).toBe(0o700);
  for (const suffix of ["", "-wal", "-shm"]) expect(statSync(path + suffix).mode & 0o777).toBe(0o600);
  store.close();
});

test("a file that others could read is closed to them", () => {
  const path = join(directory, "koda.db");
  writeFileSync(path, "", { mode: 0o644 });
  openSqliteStore(path).close();
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("what was written is there after opening again, and closing twice is harmless", () => {
  const path = join(directory, "koda.db");
  const first = openSqliteStore(path);
  first.createSession(session);
  first.close();
  first.close();
  const second = openSqliteStore(path);
  expect(second.readSession("s1")).toEqual(session);
  second.close();
  expect(() => second.readSession("s1")).toThrow(expect.objectContaining({ code: "store_failed" }));
});

test("a database of the first version keeps its connections, and takes those of ports", () => {
  const path = join(directory, "koda.db");
  const old = new Database(path);
  old.exec(firstTables);
  old.pragma("user_version = 1");
  old.exec(`INSERT INTO sessions SELECT 's1', '/p', 't', 'p', 'm', 'safe', 1, 1, 1`);
  old.exec(
    `INSERT INTO egress VALUES (7, 's1', 'c1', 'http', 'a.test', 80, NULL, 'refused', NULL, 'no rule', 0, 0, 1, 1)`,
  );
  old.close();
  const store = openSqliteStore(path);
  const [kept] = store.listConnections("s1");
  expect(kept).toMatchObject({ callId: "c1", protocol: "http", host: "a.test", reason: "no rule" });
  if (kept !== undefined) store.recordConnection("s1", { ...kept, protocol: "publish" }, 2);
  expect(store.listConnections("s1").map(({ protocol }) => protocol)).toEqual(["http", "publish"]);
  store.close();
});

test("a database of a later version is refused and left as it is", () => {
  const path = join(directory, "koda.db");
  openSqliteStore(path).close();
  const database = new Database(path);
  database.pragma("user_version = 999");
  database.close();
  expect(() => openSqliteStore(path)).toThrow(expect.objectContaining({ code: "store_newer" }));
  const after = new Database(path);
  expect(after.pragma("user_version", { simple: true })).toBe(999);
  after.close();
});

test("a file that is no database is refused", () => {
  const path = join(directory, "koda.db");
  writeFileSync(path, "this is not a database, and long enough to be looked at as one".repeat(20));
  expect(() => openSqliteStore(path)).toThrow(expect.objectContaining({ code: "store_failed" }));
});

test("a path that cannot be a file is refused", () => {
  mkdirSync(join(directory, "koda.db"));
  expect(() => openSqliteStore(join(directory, "koda.db"))).toThrow(expect.objectContaining({ code: "store_failed" }));
});

test("an entry that no version wrote is refused, not guessed at", () => {
  const path = join(directory, "koda.db");
  const store = openSqliteStore(path);
  store.createSession(session);
  const database = new Database(path);
  database
    .prepare("INSERT INTO entries (id, session_id, turn_id, content, created_at) VALUES ('e', 's1', 't', ?, 1)")
    .run('{"kind":"hologram"}');
  database.close();
  expect(() => store.readEntries("s1")).toThrow(expect.objectContaining({ code: "store_failed" }));
  store.close();
});

test("four processes open and fill one new database at the same time", async () => {
  const path = join(directory, "shared", "koda.db");
  const source = new URL("../../src/store/sqlite-store.ts", import.meta.url).href;
  const script = `
    import { openSqliteStore } from ${JSON.stringify(source)};
    const store = openSqliteStore(process.argv[1]);
    for (let n = 0; n < 25; n += 1) store.writeSetting(process.argv[2] + n, "x");
    store.close();`;
  const children = ["a", "b", "c", "d"].map((name) =>
    spawn(process.execPath, ["--input-type=module", "-e", script, path, name], {
      stdio: ["ignore", "inherit", "inherit"],
    }),
  );
  const codes = await Promise.all(children.map(async (child) => (await once(child, "exit"))[0]));
  expect(codes).toEqual([0, 0, 0, 0]);
  expect(existsSync(path)).toBe(true);
  const store = openSqliteStore(path);
  for (const name of ["a", "b", "c", "d"]) expect(store.readSetting(`${name}24`)).toBe("x");
  store.close();
});
