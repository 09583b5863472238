import { CoreError } from "../errors.ts";
import type { ConnectionRecord } from "../events/engine-event.ts";
import type { Effects } from "../ports/effects.ts";
import type { Draft, Entry, EntryContent } from "../store/entry.ts";
import type { SessionChange } from "../store/session-record.ts";
import type { Store, UsageRecord } from "../store/store.ts";
import type { ToolCallRecord, ToolCallResult } from "../store/tool-call-record.ts";
import type { Decision } from "../trust/decision.ts";

/**
 * The entries and calls of one session, in memory and in the store; the only way to append.
 * When the store refuses, the session goes on in memory: what is missing is kept, in order, and written with the next
 * write that works. `onLost` is told of a refusal.
 */
export class Transcript {
  readonly #sessionId: string;
  readonly #store: Store;
  readonly #effects: Effects;
  readonly #onLost: (error: CoreError) => void;
  readonly #entries: Entry[];
  readonly #calls: Map<string, ToolCallRecord>;
  readonly #unwritten: (() => void)[] = [];

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
    this.#write(() => this.#store.appendEntry(entry));
  }

  /** A draft that cannot be written now is not worth keeping: a longer one follows. */
  draft(draft: Draft): void {
    try {
      if (this.#unwritten.length === 0) this.#store.writeDraft(this.#sessionId, draft);
    } catch (error) {
      this.#onLost(toCoreError(error));
    }
  }

  forgetDraft(): void {
    this.#write(() => this.#store.writeDraft(this.#sessionId, null));
  }

  decideCall(callId: string, decision: Decision): void {
    const nowMs = this.#effects.now();
    this.#changeCall(callId, { state: "decided", decision });
    this.#write(() => this.#store.decideCall(this.#sessionId, callId, decision, nowMs));
  }

  startCall(callId: string): void {
    const nowMs = this.#effects.now();
    this.#changeCall(callId, { state: "started" });
    this.#write(() => this.#store.startCall(this.#sessionId, callId, nowMs));
  }

  finishCall(callId: string, result: ToolCallResult): void {
    const nowMs = this.#effects.now();
    this.#changeCall(callId, { state: "finished", result });
    this.#write(() => this.#store.finishCall(this.#sessionId, callId, result, nowMs));
  }

  recordUsage(usage: UsageRecord): void {
    this.#write(() => this.#store.recordUsage(this.#sessionId, usage));
  }

  recordConnection(record: ConnectionRecord): void {
    const nowMs = this.#effects.now();
    this.#write(() => this.#store.recordConnection(this.#sessionId, record, nowMs));
  }

  changeSession(change: SessionChange): void {
    const nowMs = this.#effects.now();
    this.#write(() => this.#store.changeSession(this.#sessionId, change, nowMs));
  }

  writeOwnedFiles(paths: readonly string[]): void {
    this.#write(() => this.#store.writeOwnedFiles(this.#sessionId, paths));
  }

  #changeCall(callId: string, change: Partial<ToolCallRecord>): void {
    const call = this.#calls.get(callId);
    if (call !== undefined) this.#calls.set(callId, { ...call, ...change });
  }

  #write(act: () => void): void {
    this.#unwritten.push(act);
    try {
      for (let next = this.#unwritten[0]; next !== undefined; next = this.#unwritten[0]) {
        next();
        this.#unwritten.shift();
      }
    } catch (error) {
      this.#onLost(toCoreError(error));
    }
  }
}

function toCoreError(error: unknown): CoreError {
  if (error instanceof CoreError) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return new CoreError("store_failed", detail, { cause: error });
}
