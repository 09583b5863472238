import { CoreError } from "../errors.ts";
import type { Effects } from "../ports/effects.ts";
import type { ConnectionRecord } from "../store/connection-record.ts";
import type { Draft, Entry, EntryContent } from "../store/entry.ts";
import type { SessionChange } from "../store/session-record.ts";
import type { Store, UsageRecord } from "../store/store.ts";
import type { ToolCallRecord, ToolCallResult } from "../store/tool-call-record.ts";
import type { Decision } from "../trust/decision.ts";

/**
 * The entries and calls of one session, in memory and in the store; the only way to append.
 * When the store fails, the session goes on in memory: what is missing is kept, in order, and written with the next
 * write that works. What the store rejects is left out for good, so that it does not hold up what follows. `onLost` is
 * told of both: `store_failed` or, with the name of what is lost, `store_rejected`.
 */
export class Transcript {
  readonly #sessionId: string;
  readonly #store: Store;
  readonly #effects: Effects;
  readonly #onLost: (error: CoreError) => void;
  readonly #entries: Entry[];
  readonly #calls: Map<string, ToolCallRecord>;
  readonly #unwritten: PendingWrite[] = [];
  /** An entry follows the last one that is stored: one whose parent was left out would be rejected too. */
  #lastStoredId: string | null;

  constructor(options: {
    readonly sessionId: string;
    readonly store: Store;
    readonly effects: Effects;
    readonly onLost: (error: CoreError) => void;
  }) {
    this.#sessionId = options.sessionId;
    this.#store = options.store;
    this.#effects = options.effects;
    this.#onLost = options.onLost;
    this.#entries = [...this.#store.readEntries(this.#sessionId)];
    this.#lastStoredId = this.#entries.at(-1)?.id ?? null;
    this.#calls = new Map(this.#store.readCalls(this.#sessionId).map((call) => [call.callId, call]));
  }

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  get calls(): ReadonlyMap<string, ToolCallRecord> {
    return this.#calls;
  }

  append(turnId: string, content: EntryContent): void {
    const entry: Entry = {
      id: this.#effects.id(),
      sessionId: this.#sessionId,
      parentId: this.#entries.at(-1)?.id ?? null,
      turnId,
      createdAtMs: this.#effects.now(),
      content,
    };
    this.#entries.push(entry);
    if (content.kind === "assistant") {
      for (const { callId, name } of content.toolCalls) {
        const fresh = { callId, entryId: entry.id, name, state: "requested", decision: null, result: null } as const;
        this.#calls.set(callId, fresh);
      }
    }
    this.#write(`entry ${entry.id} (${content.kind})`, () => {
      this.#store.appendEntry({ ...entry, parentId: this.#lastStoredId });
      this.#lastStoredId = entry.id;
    });
  }

  /** A draft that cannot be written now is not worth keeping: a longer one follows. */
  draft(draft: Draft): void {
    try {
      if (this.#unwritten.length === 0) this.#store.writeDraft(this.#sessionId, draft);
    } catch (error) {
      this.#onLost(toCoreError(error, "the draft of an answer"));
    }
  }

  forgetDraft(): void {
    this.#write("the end of a draft", () => this.#store.writeDraft(this.#sessionId, null));
  }

  decideCall(callId: string, decision: Decision): void {
    const nowMs = this.#effects.now();
    this.#changeCall(callId, { state: "decided", decision });
    this.#write(`the decision on call ${callId}`, () =>
      this.#store.decideCall(this.#sessionId, callId, decision, nowMs),
    );
  }

  startCall(callId: string): void {
    const nowMs = this.#effects.now();
    this.#changeCall(callId, { state: "started" });
    this.#write(`the start of call ${callId}`, () => this.#store.startCall(this.#sessionId, callId, nowMs));
  }

  finishCall(callId: string, result: ToolCallResult): void {
    const nowMs = this.#effects.now();
    this.#changeCall(callId, { state: "finished", result });
    this.#write(`the result of call ${callId}`, () => this.#store.finishCall(this.#sessionId, callId, result, nowMs));
  }

  recordUsage(usage: UsageRecord): void {
    this.#write("the usage of a request", () => this.#store.recordUsage(this.#sessionId, usage));
  }

  recordConnection(record: ConnectionRecord): void {
    const nowMs = this.#effects.now();
    this.#write(`a connection to ${record.host}`, () => this.#store.recordConnection(this.#sessionId, record, nowMs));
  }

  changeSession(change: SessionChange): void {
    const nowMs = this.#effects.now();
    this.#write("a change of the session", () => this.#store.changeSession(this.#sessionId, change, nowMs));
  }

  writeOwnedFiles(paths: readonly string[]): void {
    this.#write("the list of created files", () => this.#store.writeOwnedFiles(this.#sessionId, paths));
  }

  #changeCall(callId: string, change: Partial<ToolCallRecord>): void {
    const call = this.#calls.get(callId);
    if (call !== undefined) this.#calls.set(callId, { ...call, ...change });
  }

  #write(what: string, act: () => void): void {
    this.#unwritten.push({ what, act });
    for (let next = this.#unwritten[0]; next !== undefined; next = this.#unwritten[0]) {
      const error = attempt(next);
      if (error?.code === "store_failed") {
        this.#onLost(error);
        return;
      }
      // Before anyone is told: a listener may have something to write as well.
      this.#unwritten.shift();
      if (error !== null) this.#onLost(error);
    }
  }
}

interface PendingWrite {
  /** Names it for a person. */
  readonly what: string;
  readonly act: () => void;
}

/** Null when it is written. */
function attempt({ what, act }: PendingWrite): CoreError | null {
  try {
    act();
    return null;
  } catch (error) {
    return toCoreError(error, what);
  }
}

/** What no store has said to be rejected may work another time. */
function toCoreError(error: unknown, what: string): CoreError {
  const detail = error instanceof Error ? error.message : String(error);
  const isRejected = error instanceof CoreError && error.code === "store_rejected";
  return isRejected
    ? new CoreError("store_rejected", `${what}: ${detail}`, { cause: error })
    : new CoreError("store_failed", detail, { cause: error });
}
