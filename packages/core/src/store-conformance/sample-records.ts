import type { ConnectionRecord } from "../store/connection-record.ts";
import type { Entry, EntryContent } from "../store/entry.ts";
import type { UsageRecord } from "../store/ledger-store.ts";
import type { LeaseOwner, SessionRecord, SessionWriter } from "../store/session-record.ts";
import type { Store } from "../store/store.ts";
import type { ToolCallResult } from "../store/tool-call-record.ts";

export const projectRoot = "/projects/one";

export function sampleSession(id: string, change: Partial<SessionRecord> = {}): SessionRecord {
  return {
    id,
    projectRoot,
    title: null,
    providerId: "openai",
    model: "small",
    mode: "safe",
    state: "active",
    stateReason: null,
    parentId: null,
    leafId: null,
    turnCount: 1,
    fence: 0,
    createdAtMs: 1000,
    updatedAtMs: 1000,
    ...change,
  };
}

export function sampleOwner(token: string): LeaseOwner {
  return { token, pid: 1, startMarker: `start of ${token}`, place: "boot/pid", renewedAtMs: 1000 };
}

/** A new session, and the right to write to it. */
export function openWriter(store: Store, id: string, change: Partial<SessionRecord> = {}): SessionWriter {
  store.createSession(sampleSession(id, change));
  return takeOver(store, id);
}

/** The right to write to a session, whoever had it. */
export function takeOver(store: Store, id: string): SessionWriter {
  const answer = store.acquireLease(id, sampleOwner(`owner of ${id}`), () => false);
  if (answer.kind === "busy") throw new Error(`${id} is busy although its owner is dead`);
  return answer.writer;
}

export function sampleEntry(sessionId: string, id: string, parentId: string | null, content: EntryContent): Entry {
  return { id, sessionId, parentId, turnId: "t1", createdAtMs: 2000, content };
}

export function samplePrompt(sessionId: string, id: string, parentId: string | null, text = `prompt ${id}`): Entry {
  return sampleEntry(sessionId, id, parentId, { kind: "user", source: "prompt", text });
}

/** An answer with one call of `Read` for each id. */
export function sampleAnswer(
  sessionId: string,
  id: string,
  parentId: string | null,
  callIds: readonly string[],
): Entry {
  const toolCalls = callIds.map((callId) => ({ callId, name: "Read", argumentsJson: '{"path":"a"}' }));
  return sampleEntry(sessionId, id, parentId, {
    kind: "assistant",
    text: "reading",
    thinking: "hm",
    toolCalls,
    isComplete: true,
  });
}

export const sampleResult: ToolCallResult = {
  outcome: "ok",
  text: "done",
  changes: [{ path: "a", kind: "created", addedLines: 2, removedLines: 0 }],
  durationMs: 4,
  origin: "workspace",
  fullTextHash: null,
};

export function sampleUsage(change: Partial<UsageRecord> = {}): UsageRecord {
  return {
    turnId: "t1",
    label: "turn",
    providerId: "openai",
    model: "small",
    step: 1,
    attempt: 1,
    outcome: "finished",
    failureCode: null,
    retryAfterMs: null,
    inputTokens: 100,
    outputTokens: 20,
    cacheReadTokens: 5,
    thinkingTokens: 1,
    costMicros: 300,
    durationMs: 40,
    createdAtMs: 2000,
    ...change,
  };
}

export const sampleConnection: ConnectionRecord = {
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
