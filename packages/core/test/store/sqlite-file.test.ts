import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openSqliteStore } from "../../src/store/sqlite-store.ts";
import {
  openWriter,
  projectRoot,
  sampleAnswer,
  samplePrompt,
  sampleResult,
  sampleSession,
  takeOver,
} from "../../src/store-conformance/sample-records.ts";
import { dumpTables, readColumns } from "../fakes/old-databases.ts";

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "koda-sqlite-"));
  path = join(directory, "koda.db");
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Changes the file as another program would. */
function tamper(sql: string): void {
  const database = new Database(path);
  database.pragma("ignore_check_constraints = ON");
  database.exec(sql);
  database.close();
}

const failed = expect.objectContaining({ code: "store_failed" });

test("the file and its side files are for their owner alone, in a directory for its owner alone", () => {
  const deep = join(directory, "new", "deeper", "koda.db");
  const store = openSqliteStore(deep);
  store.createSession(sampleSession("s1"));
  expect(statSync(join(directory, "new", "deeper")).mode & 0o777).toBe(0o700);
  for (const suffix of ["", "-wal", "-shm"]) expect(statSync(deep + suffix).mode & 0o777).toBe(0o600);
  store.close();
});

test("a file that others could read is closed to them", () => {
  writeFileSync(path, "", { mode: 0o644 });
  openSqliteStore(path).close();
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("what was written is there after opening again", () => {
  const first = openSqliteStore(path);
  const writer = openWriter(first, "s1");
  first.appendEntry(writer, samplePrompt("s1", "e1", null));
  const hash = first.writeBlob(writer, Buffer.from("blob"));
  first.close();
  const second = openSqliteStore(path);
  expect(second.readSession("s1")).toEqual(sampleSession("s1", { fence: 1, leafId: "e1", updatedAtMs: 2000 }));
  expect(second.readEntries("s1")).toEqual([samplePrompt("s1", "e1", null)]);
  expect(Buffer.from(second.readBlob("s1", hash) ?? []).toString()).toBe("blob");
  second.close();
  expect(() => second.readSession("s1")).toThrow(failed);
});

test("a file that is no database is refused", () => {
  writeFileSync(path, "this is not a database, and long enough to be looked at as one".repeat(20));
  expect(() => openSqliteStore(path)).toThrow(failed);
});

test.each([
  ["without a mark", "CREATE TABLE notes (id INTEGER)"],
  ["without a mark, of a version of its own", "CREATE TABLE sessions (id INTEGER); PRAGMA user_version = 2"],
  ["with another mark", "PRAGMA application_id = 77"],
])("the database of another program is refused, and left as it is: %s", (_, sql) => {
  tamper(sql);
  const before = readFileSync(path);
  expect(() => openSqliteStore(path)).toThrow(failed);
  expect(readFileSync(path).equals(before)).toBe(true);
});

test("a database says whose it is, and overwrites what is deleted", () => {
  const store = openSqliteStore(path);
  const writer = openWriter(store, "s1");
  store.appendEntry(writer, samplePrompt("s1", "e1", null, "plutonium ".repeat(50)));
  store.close();
  const database = new Database(path);
  expect(database.pragma("application_id", { simple: true })).toBe(0x4b_6f_64_61);
  database.close();
  const again = openSqliteStore(path);
  again.deleteSession(takeOver(again, "s1"));
  again.close();
  expect(readFileSync(path, "latin1")).not.toContain("plutonium");
});

test("a path that cannot be a file is refused", () => {
  mkdirSync(path);
  expect(() => openSqliteStore(path)).toThrow(failed);
});

test.each([
  ["of an unknown kind", '{"kind":"hologram"}'],
  ["without its text", '{"kind":"user","source":"prompt"}'],
  ["that is no JSON", "{"],
])("an entry %s is refused, not guessed at", (_, content) => {
  const store = openSqliteStore(path);
  store.appendEntry(openWriter(store, "s1"), samplePrompt("s1", "e1", null));
  tamper(`UPDATE entries SET content = '${content}'`);
  expect(() => store.readEntries("s1")).toThrow(failed);
  expect(() => store.readEntry("e1")).toThrow(failed);
  store.close();
});

test("a call whose changes cannot be read is refused", () => {
  const store = openSqliteStore(path);
  const writer = openWriter(store, "s1");
  store.appendEntry(writer, sampleAnswer("s1", "e1", null, ["c1"]));
  store.finishCall(writer, "c1", sampleResult, 3000);
  tamper("UPDATE tool_calls SET changes = '[{\"path\":7}]'");
  expect(() => store.readCalls("s1")).toThrow(failed);
  tamper("UPDATE tool_calls SET changes = 'x'");
  expect(() => store.readCalls("s1")).toThrow(failed);
  store.close();
});

test("one session that cannot be read does not hide the others", () => {
  const store = openSqliteStore(path);
  for (const id of ["s1", "s2", "s3"]) store.createSession(sampleSession(id, { parentId: id === "s1" ? null : "s1" }));
  tamper("UPDATE sessions SET mode = 'berserk', updated_at = 9000 WHERE id = 's2'");
  expect(store.listSessions(projectRoot).map(({ id }) => id)).toEqual(["s3", "s1"]);
  expect(store.listSessions(null)).toHaveLength(2);
  expect(store.listChildren("s1").map(({ id }) => id)).toEqual(["s3"]);
  expect(store.latestSession(projectRoot)?.id).toBe("s3");
  expect(() => store.readSession("s2")).toThrow(failed);
  store.close();
});

test("a whole id whose session cannot be read means no other", () => {
  const store = openSqliteStore(path);
  for (const id of ["s1", "s10"]) store.createSession(sampleSession(id));
  tamper("UPDATE sessions SET mode = 'berserk' WHERE id = 's1'");
  expect(() => store.findSession("s1")).toThrow(failed);
  expect(store.findSession("s10").id).toBe("s10");
  store.close();
});

test("a state that is not understood reads as unknown, and a change of something else leaves it", () => {
  const store = openSqliteStore(path);
  const writer = openWriter(store, "s1");
  tamper("UPDATE sessions SET state = 'dreaming'");
  expect(store.readSession("s1")?.state).toBe("unknown");
  expect(store.listSessions(projectRoot)).toHaveLength(1);
  tamper("UPDATE sessions SET state = 'error', state_reason = '7'");
  expect(store.readSession("s1")).toMatchObject({ state: "error", stateReason: { code: "unknown" } });
  store.changeSession(writer, { state: "active" }, 5000);
  expect(store.readSession("s1")).toMatchObject({ state: "active", stateReason: null });
  store.close();
});

test("bytes that are not those of their hash are refused", () => {
  const store = openSqliteStore(path);
  const writer = openWriter(store, "s1");
  const hash = store.writeBlob(writer, Buffer.from("long ".repeat(1000)));
  tamper("UPDATE blobs SET encoding = 'raw'");
  expect(() => store.readBlob("s1", hash)).toThrow(failed);
  tamper("UPDATE blobs SET encoding = 'deflate', size = 3");
  expect(() => store.readBlob("s1", hash)).toThrow(failed);
  tamper("UPDATE blobs SET bytes = x'00'");
  expect(() => store.readBlob("s1", hash)).toThrow(failed);
  store.close();
});

test("large bytes lie compressed in the file, and once", () => {
  const store = openSqliteStore(path);
  const bytes = Buffer.from("the same line again\n".repeat(100_000));
  for (const id of ["s1", "s2", "s3"]) store.writeBlob(openWriter(store, id), bytes);
  store.close();
  expect(statSync(path).size).toBeLessThan(bytes.length / 4);
});

test("another connection's write changes the marker", () => {
  const store = openSqliteStore(path);
  const other = openSqliteStore(path);
  const before = store.changeMarker();
  other.createSession(sampleSession("s1"));
  const after = store.changeMarker();
  expect(after).not.toBe(before);
  store.createSession(sampleSession("s2"));
  expect(store.changeMarker()).toBe(after);
  other.close();
  store.close();
});

test("while another program holds the lock a write fails, reading works, and the same write works later", () => {
  const store = openSqliteStore(path);
  const writer = openWriter(store, "s1");
  const other = new Database(path);
  other.exec("BEGIN IMMEDIATE");
  expect(() => store.appendEntry(writer, samplePrompt("s1", "e1", null))).toThrow(failed);
  expect(store.checkHealth()).not.toBeNull();
  expect(store.readEntries("s1")).toEqual([]);
  other.exec("ROLLBACK");
  other.close();
  store.appendEntry(writer, samplePrompt("s1", "e1", null));
  expect(store.readEntries("s1")).toHaveLength(1);
  expect(store.checkHealth()).toBeNull();
  store.close();
});

test("a health check leaves nothing behind", () => {
  const store = openSqliteStore(path);
  store.createSession(sampleSession("s1"));
  const columns = readColumns(path);
  const before = dumpTables(path, columns);
  expect(store.checkHealth()).toBeNull();
  expect(dumpTables(path, columns)).toEqual(before);
  store.close();
});
