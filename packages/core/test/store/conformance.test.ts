import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ConnectionRecord } from "../../src/store/connection-record.ts";
import type { Entry } from "../../src/store/entry.ts";
import { createMemoryStore } from "../../src/store/memory-store.ts";
import type { SessionRecord } from "../../src/store/session-record.ts";
import { openSqliteStore } from "../../src/store/sqlite-store.ts";
import type { Store } from "../../src/store/store.ts";

const root = "/projects/one";

function toSession(id: string, change: Partial<SessionRecord> = {}): SessionRecord {
  return {
    id,
    projectRoot: root,
    title: null,
    providerId: "openai",
    model: "small",
    mode: "safe",
    turnCount: 1,
    createdAtMs: 1000,
    updatedAtMs: 1000,
    ...change,
  };
}

function toEntry(id: string, parentId: string | null, content: Entry["content"]): Entry {
  return { id, sessionId: "s1", parentId, turnId: "t1", createdAtMs: 2000, content };
}

const prompt = (id: string, parentId: string | null): Entry =>
  toEntry(id, parentId, { kind: "user", source: "prompt", text: `prompt ${id} \0 "\u{1f600}"` });

const answer = toEntry("e2", "e1", {
  kind: "assistant",
  text: "reading",
  thinking: "hm",
  toolCalls: [
    { callId: "c1", name: "Read", argumentsJson: '{"path":"a"}' },
    { callId: "c2", name: "Bash", argumentsJson: "{" },
  ],
  isComplete: true,
});

const connection: ConnectionRecord = {
  type: "connection",
  callId: null,
  protocol: "socks5",
  host: "example.com",
  port: 443,
  address: null,
  verdict: "refused",
  rule: null,
  reason: "no rule allows example.com",
  bytesUp: 0,
  bytesDown: 0,
  durationMs: 3,
};

describe.each([
  { name: "SQLite", open: (directory: string): Store => openSqliteStore(join(directory, "koda.db")) },
  { name: "memory", open: (): Store => createMemoryStore() },
])("a $name store", ({ open }) => {
  let directory: string;
  let store: Store;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "koda-store-"));
    store = open(directory);
  });
  afterEach(() => {
    store.close();
    rmSync(directory, { recursive: true });
  });

  test("a session is read as it was created, and an unknown one is null", () => {
    store.createSession(toSession("s1"));
    expect(store.readSession("s1")).toEqual(toSession("s1"));
    expect(store.readSession("s2")).toBeNull();
  });

  test("an id is used once", () => {
    store.createSession(toSession("s1"));
    expect(() => store.createSession(toSession("s1"))).toThrow(expect.objectContaining({ code: "store_rejected" }));
  });

  test("a change leaves absent fields alone, and time never goes backwards", () => {
    store.createSession(toSession("s1"));
    store.changeSession("s1", { title: "hello", mode: "plan" }, 5000);
    store.changeSession("s1", { turnCount: 7 }, 4000);
    expect(store.readSession("s1")).toEqual(
      toSession("s1", { title: "hello", mode: "plan", turnCount: 7, updatedAtMs: 5000 }),
    );
  });

  test("changing a session that is not there fails", () => {
    expect(() => store.changeSession("nope", {}, 1)).toThrow(expect.objectContaining({ code: "store_rejected" }));
  });

  test("lists hold sessions with a prompt, of one project or of all, the latest first", () => {
    store.createSession(toSession("old", { updatedAtMs: 1 }));
    store.createSession(toSession("new", { updatedAtMs: 9 }));
    store.createSession(toSession("other", { updatedAtMs: 5, projectRoot: "/projects/two" }));
    store.createSession(toSession("empty", { updatedAtMs: 99, turnCount: 0 }));
    expect(store.listSessions(root).map(({ id }) => id)).toEqual(["new", "old"]);
    expect(store.listSessions(null).map(({ id }) => id)).toEqual(["new", "other", "old"]);
    expect(store.latestSession(root)?.id).toBe("new");
    expect(store.latestSession("/projects/none")).toBeNull();
  });

  test("a list has at most 100 sessions", () => {
    for (let index = 0; index < 105; index += 1) store.createSession(toSession(`s${index}`, { updatedAtMs: index }));
    expect(store.listSessions(root)).toHaveLength(100);
  });

  test.each([
    ["abc-1", "abc-1"],
    ["abc-2", "abc-2"],
    ["abd", "abd-1"],
    ["x", "x"],
  ])("the prefix %s finds %s", (prefix, id) => {
    for (const known of ["abc-1", "abc-2", "abd-1", "x", "x-1"]) store.createSession(toSession(known));
    expect(store.findSession(prefix).id).toBe(id);
  });

  test.each([
    ["ab", "session_ambiguous"],
    ["zz", "session_not_found"],
    ["", "session_not_found"],
    ["%", "session_not_found"],
    ["ABC-1", "session_not_found"],
  ])("the prefix %j is refused with %s", (prefix, code) => {
    for (const known of ["abc-1", "abc-2", "abd-1"]) store.createSession(toSession(known));
    expect(() => store.findSession(prefix)).toThrow(expect.objectContaining({ code }));
  });

  test("a lease has one holder, passes on from the dead, and only its token gives it back", () => {
    store.createSession(toSession("s1"));
    const first = { token: "a", pid: 1, startMarker: "x" };
    const second = { token: "b", pid: 2, startMarker: "y" };
    expect(store.acquireLease("s1", first, () => true)).toBeNull();
    expect(store.acquireLease("s1", second, () => true)).toEqual(first);
    expect(store.acquireLease("s1", second, () => false)).toBeNull();
    store.releaseLease("s1", "a");
    expect(store.acquireLease("s1", first, () => true)).toEqual(second);
    store.releaseLease("s1", "b");
    expect(store.acquireLease("s1", first, () => true)).toBeNull();
  });

  test("entries come back in order and unchanged, and move the session's time", () => {
    store.createSession(toSession("s1"));
    const end = toEntry("e3", "e2", { kind: "turn-end", outcome: { kind: "limit", limit: "loop-cap", message: "m" } });
    for (const entry of [prompt("e1", null), answer, end]) store.appendEntry(entry);
    expect(store.readEntries("s1")).toEqual([prompt("e1", null), answer, end]);
    expect(store.readEntries("s2")).toEqual([]);
    expect(store.readSession("s1")?.updatedAtMs).toBe(2000);
  });

  test("an entry without its parent, its session or its own id is refused, and nothing of it stays", () => {
    store.createSession(toSession("s1"));
    store.appendEntry(prompt("e1", null));
    const failed = expect.objectContaining({ code: "store_rejected" });
    expect(() => store.appendEntry(prompt("e9", "e8"))).toThrow(failed);
    expect(() => store.appendEntry(prompt("e1", null))).toThrow(failed);
    expect(() => store.appendEntry({ ...prompt("e5", null), sessionId: "s7" })).toThrow(failed);
    expect(store.readEntries("s1")).toEqual([prompt("e1", null)]);
  });

  test("a draft is kept until the answer takes its place", () => {
    store.createSession(toSession("s1"));
    store.appendEntry(prompt("e1", null));
    expect(store.readDraft("s1")).toBeNull();
    store.writeDraft("s1", { turnId: "t1", text: "re", thinking: "" });
    store.writeDraft("s1", { turnId: "t1", text: "read", thinking: "h" });
    expect(store.readDraft("s1")).toEqual({ turnId: "t1", text: "read", thinking: "h" });
    store.appendEntry(answer);
    expect(store.readDraft("s1")).toBeNull();
    store.writeDraft("s1", { turnId: "t1", text: "x", thinking: "" });
    store.writeDraft("s1", null);
    expect(store.readDraft("s1")).toBeNull();
  });

  test("a call is journaled from requested to finished, and its first result stands", () => {
    store.createSession(toSession("s1"));
    store.appendEntry(prompt("e1", null));
    store.appendEntry(answer);
    const fresh = { entryId: "e2", state: "requested", decision: null, result: null };
    expect(store.readCalls("s1")).toEqual([
      { ...fresh, callId: "c1", name: "Read" },
      { ...fresh, callId: "c2", name: "Bash" },
    ]);
    const decision = { kind: "run", reason: "read-only" } as const;
    store.decideCall("s1", "c1", decision, 3000);
    store.startCall("s1", "c1", 3001);
    expect(store.readCalls("s1")[0]).toMatchObject({ state: "started", decision, result: null });
    const changes = [{ path: "a", kind: "created", addedLines: 2, removedLines: 0 }] as const;
    const result = { outcome: "ok", text: "done", changes, durationMs: 4 } as const;
    store.finishCall("s1", "c1", result, 3002);
    store.finishCall("s1", "c1", { ...result, text: "again" }, 3003);
    store.startCall("s1", "c1", 3004);
    store.decideCall("s1", "c1", { kind: "block", reason: "late" }, 3005);
    expect(store.readCalls("s1")[0]).toEqual({
      callId: "c1",
      entryId: "e2",
      name: "Read",
      state: "finished",
      decision,
      result,
    });
  });

  test("usage adds up", () => {
    store.createSession(toSession("s1"));
    const usage = { turnId: "t1", providerId: "openai", model: "small", createdAtMs: 1 };
    store.recordUsage("s1", { ...usage, inputTokens: 100, outputTokens: 20, cacheReadTokens: 5, thinkingTokens: 1 });
    store.recordUsage("s1", { ...usage, inputTokens: 150, outputTokens: 30, cacheReadTokens: 0, thinkingTokens: 0 });
    expect(store.readUsage("s1")).toEqual({
      inputTokens: 250,
      outputTokens: 50,
      cacheReadTokens: 5,
      thinkingTokens: 1,
    });
    expect(store.readUsage("s2").inputTokens).toBe(0);
  });

  test("a connection of each protocol comes back", () => {
    store.createSession(toSession("s1"));
    const protocols = ["http-connect", "http", "socks5", "host-port", "publish"] as const;
    for (const protocol of protocols) store.recordConnection("s1", { ...connection, protocol }, 1);
    expect(store.listConnections("s1").map(({ protocol }) => protocol)).toEqual(protocols);
  });

  test("connections come back in order", () => {
    store.createSession(toSession("s1"));
    const allowed: ConnectionRecord = { ...connection, callId: "c1", address: "1.2.3.4", verdict: "allowed" };
    store.recordConnection("s1", connection, 1);
    store.recordConnection("s1", allowed, 1);
    expect(store.listConnections("s1")).toEqual([connection, allowed]);
  });

  test("owned files are replaced as a set", () => {
    store.createSession(toSession("s1"));
    store.writeOwnedFiles("s1", ["/b", "/a", "/b"]);
    expect(store.readOwnedFiles("s1")).toEqual(["/a", "/b"]);
    store.writeOwnedFiles("s1", []);
    expect(store.readOwnedFiles("s1")).toEqual([]);
  });

  test("permission rules belong to a project, once each, in the order given", () => {
    const allow = { verdict: "allow", text: "Bash(npm test:*)" } as const;
    const deny = { verdict: "deny", text: "Bash(npm test:*)" } as const;
    for (const rule of [allow, deny, allow]) store.addPermissionRule(root, rule, 1);
    expect(store.listPermissionRules(root)).toEqual([allow, deny]);
    expect(store.listPermissionRules("/projects/two")).toEqual([]);
    expect(store.removePermissionRule(root, allow)).toBe(true);
    expect(store.removePermissionRule(root, allow)).toBe(false);
    expect(store.listPermissionRules(root)).toEqual([deny]);
  });

  test("a host pattern has one verdict, the last one given", () => {
    store.addHostRule(root, { verdict: "allow", pattern: "*.example.com" }, 1);
    store.addHostRule(root, { verdict: "allow", pattern: "b.com" }, 1);
    store.addHostRule(root, { verdict: "deny", pattern: "*.example.com" }, 2);
    expect(store.listHostRules(root)).toEqual([
      { verdict: "deny", pattern: "*.example.com" },
      { verdict: "allow", pattern: "b.com" },
    ]);
    expect(store.removeHostRule(root, "b.com")).toBe(true);
    expect(store.removeHostRule(root, "b.com")).toBe(false);
  });

  test("MCP servers are kept by name, whole", () => {
    const server = { name: "files", command: "npx", args: ["-y", "a b"], env: { A: '"' } };
    store.addMcpServer({ ...server, command: "old" }, 1);
    store.addMcpServer(server, 2);
    expect(store.listMcpServers()).toEqual([server]);
    expect(store.removeMcpServer("files")).toBe(true);
    expect(store.removeMcpServer("files")).toBe(false);
  });

  test("a setting is what was written last, and null before", () => {
    expect(store.readSetting("model")).toBeNull();
    store.writeSetting("model", "a");
    store.writeSetting("model", "b");
    expect(store.readSetting("model")).toBe("b");
  });
});
