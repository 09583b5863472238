import { CoreError } from "../errors.ts";
import { endOpenTurn } from "../session/end-open-turn.ts";
import { takeLease } from "../session/lease-keeper.ts";
import { checkSessionId } from "../session/session-id.ts";
import type { Draft } from "../store/entry.ts";
import type { SessionRecord, SessionWriter } from "../store/session-record.ts";
import type { Store } from "../store/store.ts";
import { parseSessionLine, type SessionLine } from "./session-lines.ts";

export interface ImportOptions {
  /** A fresh id, each time it is called. */
  readonly id: () => string;
  readonly nowMs: number;
  /** The project it shall belong to. Absent: the one it came from. */
  readonly projectRoot?: string | undefined;
}

/**
 * Puts an exported session into a store, equal to what it was: same id, same entries, same times. All of it or nothing.
 * A file is not trusted to act: a turn without its end counts as cancelled, what waited to be said is withdrawn, and no file
 * becomes one that the session may delete unasked.
 * Its parent stays behind: what came with the export of a fork is its own here.
 *
 * @throws {CoreError} `bad_import` naming the line that cannot be used, also when the end is missing;
 * `store_rejected` when there is, or was, a session with its id.
 */
export function importSession(store: Store, lines: Iterable<string>, options: ImportOptions): SessionRecord {
  return store.together(() => {
    const target = new ImportTarget(store, options);
    let number = 0;
    for (const text of lines) {
      if (text.trim() === "") continue;
      number += 1;
      takeLine(target, parseSessionLine(text, number), number);
    }
    return target.finish();
  });
}

/** What the store rejects of a line that a session can have is the line's fault; of the session itself, it is taken. */
function takeLine(target: ImportTarget, line: SessionLine, number: number): void {
  try {
    target.take(line, number);
  } catch (error) {
    if (line.type === "session" || !(error instanceof CoreError) || error.code !== "store_rejected") throw error;
    throw new CoreError("bad_import", `line ${number}: ${error.message}`, { cause: error });
  }
}

class ImportTarget {
  readonly #store: Store;
  readonly #options: ImportOptions;
  #session: Extract<SessionLine, { type: "session" }>["session"] | null = null;
  #writer: SessionWriter | null = null;
  #isEnded = false;
  #draft: Draft | null = null;
  readonly #token: string;
  readonly #entryIds = new Set<string>();

  constructor(store: Store, options: ImportOptions) {
    this.#store = store;
    this.#options = options;
    this.#token = options.id();
  }

  take(line: SessionLine, number: number): void {
    const refuse = (why: string): never => {
      throw new CoreError("bad_import", `line ${number}: ${why}`);
    };
    if (this.#isEnded) refuse("there is more after the end");
    if (line.type === "session") {
      if (this.#session !== null) refuse("a second session");
      this.#begin(line.session);
      return;
    }
    const writer = this.#writer ?? refuse("a session has to begin with its session line");
    switch (line.type) {
      case "entry":
        if (line.entry.sessionId !== writer.sessionId) refuse("an entry of another session");
        // An id that is not in the export could be that of an entry of somebody else's session.
        if (line.entry.parentId !== null && !this.#entryIds.has(line.entry.parentId))
          refuse("its parent is not before it");
        this.#entryIds.add(line.entry.id);
        this.#store.appendEntry(writer, line.entry);
        return;
      case "call":
        this.#putCall(writer, line.call);
        return;
      case "blob":
        this.#store.writeBlob(writer, Buffer.from(line.base64, "base64"));
        return;
      case "draft":
        this.#draft = { turnId: line.turnId, text: line.text, thinking: line.thinking };
        return;
      case "usage":
        this.#store.recordUsage(writer, line.usage);
        return;
      case "connection":
        this.#store.recordConnection(writer, line.connection, this.#session?.updatedAtMs ?? 0);
        return;
      case "owned-files":
        return;
      case "tasks":
        this.#store.writeTasks(writer, line.tasks, this.#session?.updatedAtMs ?? 0);
        return;
      case "audit":
        this.#store.recordAudit(writer, line.audit);
        return;
      case "input": {
        const { id, text, boundary, createdAtMs } = line;
        this.#store.addInput({ id, text, boundary, createdAtMs, sessionId: writer.sessionId });
        this.#store.withdrawInput(writer.sessionId, id);
        return;
      }
      case "value":
        this.#store.writeValue(writer, line.name, line.json);
        return;
      case "end":
        if (line.lines !== number) refuse(`the export had ${line.lines} lines, here are ${number}`);
        this.#isEnded = true;
        return;
      default:
        line satisfies never;
    }
  }

  finish(): SessionRecord {
    const session = this.#session;
    const writer = this.#writer;
    if (session === null || writer === null || !this.#isEnded) {
      throw new CoreError("bad_import", "the export is cut off: its end is missing");
    }
    if (session.leafId !== null && !this.#entryIds.has(session.leafId)) {
      throw new CoreError("bad_import", `the last entry of the session, ${session.leafId}, is not in the export`);
    }
    const { stateReason, updatedAtMs } = session;
    const leafId = this.#endTurn(writer, session.leafId);
    // What cannot be understood there is not more understood here.
    const state = session.state === "unknown" ? "error" : session.state;
    this.#store.changeSession(writer, { leafId, state, stateReason }, updatedAtMs);
    this.#store.releaseLease(session.id, this.#token);
    const record = this.#store.readSession(session.id);
    if (record === null) throw new CoreError("store_failed", `session ${session.id} is not there after its import`);
    return record;
  }

  /** The leaf as it is then. */
  #endTurn(writer: SessionWriter, exportedLeafId: string | null): string | null {
    const { id, nowMs } = this.#options;
    let leafId = exportedLeafId;
    const draft = this.#draft;
    if (draft !== null && leafId !== null) {
      const { turnId, text, thinking } = draft;
      const content = { kind: "assistant", text, thinking, toolCalls: [], isComplete: false } as const;
      const entry = { id: id(), sessionId: writer.sessionId, parentId: leafId, turnId, createdAtMs: nowMs, content };
      this.#store.changeSession(writer, { leafId }, nowMs);
      this.#store.appendEntry(writer, entry);
      leafId = entry.id;
    }
    return endOpenTurn(this.#store, writer, { leafId, id: id(), nowMs }) ?? leafId;
  }

  #begin(session: Extract<SessionLine, { type: "session" }>["session"]): void {
    const { nowMs, projectRoot = session.projectRoot } = this.#options;
    if (Math.max(session.createdAtMs, session.updatedAtMs) > nowMs + dayMs) {
      throw new CoreError("bad_import", "the session is from the future");
    }
    const id = checkSessionId(session.id);
    const empty = { parentId: null, leafId: null, state: "active", stateReason: null, fence: 0 } as const;
    this.#create({ ...session, ...empty, projectRoot, updatedAtMs: session.createdAtMs });
    this.#writer = takeLease(this.#store, id, { token: this.#token, nowMs });
    this.#session = session;
  }

  /** The record is a new one in every way but its id. */
  #create(record: SessionRecord): void {
    const { id } = record;
    if (this.#store.readSession(id) !== null) throw new CoreError("store_rejected", `session ${id} is there already`);
    try {
      this.#store.createSession(record);
    } catch (cause) {
      if (!(cause instanceof CoreError) || cause.code !== "store_rejected") throw cause;
      const message = `session ${id} was there and is deleted: an id is used once`;
      throw new CoreError("store_rejected", message, { cause });
    }
  }

  /** Its entry has made it `requested`. */
  #putCall(writer: SessionWriter, call: Extract<SessionLine, { type: "call" }>["call"]): void {
    const atMs = this.#store.readEntry(call.entryId)?.createdAtMs ?? 0;
    if (call.decision !== null) this.#store.decideCall(writer, call.callId, call.decision, atMs);
    if (call.attempts > 0) this.#store.startCall(writer, call.callId, call.attempts, atMs);
    if (call.result !== null) this.#store.finishCall(writer, call.callId, call.result, atMs);
  }
}

/** Clocks differ; more than that is no clock. */
const dayMs = 86_400_000;
