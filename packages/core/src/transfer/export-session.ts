import { blankedValueName } from "../context/blanked-value.ts";
import { CoreError } from "../errors.ts";
import { thinkingValueName } from "../session/thinking-value.ts";
import { toBlobHash } from "../store/blob-codec.ts";
import type { Entry } from "../store/entry.ts";
import type { Store } from "../store/store.ts";
import { transferVersion } from "./session-lines.ts";

/**
 * A whole session as lines of JSON without their line ends: every entry on every branch, calls with their results, usage,
 * connections, tasks, audit, what was said and waits. Not in it: who holds it, open questions, live events. Entries that a fork shares with its
 * origin are in it as well, so that it stands alone. `redact` takes secrets out of every string, when there is a guard.
 *
 * @throws {CoreError} `session_not_found`.
 */
export function* exportSession(
  store: Store,
  sessionId: string,
  redact: <Value>(value: Value) => Value = (value) => value,
): Generator<string, void> {
  const record = store.readSession(sessionId);
  if (record === null) throw new CoreError("session_not_found", `no session ${JSON.stringify(sessionId)}`);
  const { fence: _, ...session } = record;
  let lines = 0;
  const toLine = (type: string, content: Readonly<Record<string, unknown>>): string => {
    lines += 1;
    return JSON.stringify({ type, ...redact(content) });
  };

  yield toLine("session", { version: transferVersion, session });
  for (const entry of [...readShared(store, sessionId), ...store.readEntries(sessionId)]) {
    yield toLine("entry", { entry: { ...entry, sessionId } });
    for (const call of store.readCallsOf(entry.id)) {
      const hash = call.result?.fullTextHash ?? null;
      const bytes = hash === null ? null : store.readBlob(entry.sessionId, hash);
      if (bytes === null) {
        yield toLine("call", { call });
        continue;
      }
      const safe = redactBytes(bytes, redact);
      yield toLine("blob", { base64: Buffer.from(safe).toString("base64") });
      yield toLine("call", { call: { ...call, result: { ...call.result, fullTextHash: toBlobHash(safe) } } });
    }
  }
  const draft = store.readDraft(sessionId);
  if (draft !== null) yield toLine("draft", { ...draft });
  for (const usage of store.listUsage(sessionId)) yield toLine("usage", { usage });
  for (const connection of store.listConnections(sessionId)) yield toLine("connection", { connection });
  const paths = store.readOwnedFiles(sessionId);
  if (paths.length > 0) yield toLine("owned-files", { paths });
  const tasks = store.readTasks(sessionId);
  if (tasks.length > 0) yield toLine("tasks", { tasks });
  for (const audit of store.listAudit(sessionId)) yield toLine("audit", { audit });
  for (const { id, text, boundary, createdAtMs } of store.waitingInputs(sessionId)) {
    yield toLine("input", { id, text, boundary, createdAtMs });
  }
  for (const name of [blankedValueName, thinkingValueName]) {
    const json = store.readValue(sessionId, name);
    if (json !== null) yield toLine("value", { name, json });
  }
  yield JSON.stringify({ type: "end", lines: lines + 1 });
}

/** The entries of other sessions that the paths of this one lead through, oldest first. */
function readShared(store: Store, sessionId: string): readonly Entry[] {
  const own = store.readEntries(sessionId);
  const known = new Set(own.map(({ id }) => id));
  const shared: Entry[] = [];
  const starts = [store.readSession(sessionId)?.leafId ?? null, ...own.map(({ parentId }) => parentId)];
  for (const start of starts) {
    const path: Entry[] = [];
    for (let id = start; id !== null && !known.has(id); ) {
      const entry = store.readEntry(id);
      if (entry === null) break;
      known.add(id);
      path.push(entry);
      id = entry.parentId;
    }
    shared.push(...path.reverse());
  }
  return shared;
}

function redactBytes(bytes: Uint8Array, redact: (text: string) => string): Uint8Array {
  const text = Buffer.from(bytes).toString("utf8");
  const safe = redact(text);
  return safe === text ? bytes : Buffer.from(safe, "utf8");
}
