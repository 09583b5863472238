import type { LoadedView } from "../context/load-view.ts";
import { CoreError } from "../errors.ts";
import type { Effects } from "../ports/effects.ts";
import type { ConnectionRecord } from "../store/connection-record.ts";
import type { Draft, Entry, EntryContent, UserContent } from "../store/entry.ts";
import type { AuditRecord, UsageRecord } from "../store/ledger-store.ts";
import type { SessionChange, SessionWriter } from "../store/session-record.ts";
import type { Store } from "../store/store.ts";
import type { ToolCallRecord, ToolCallResult } from "../store/tool-call-record.ts";
import type { ToolEffect } from "../tools/tool-effect.ts";
import type { Decision } from "../trust/decision.ts";

/** How soon what the store has refused for the moment is tried again. */
const retryMs = 500;

/**
 * The entries and calls of one session that its model is shown, in memory and in the store; the only way to append.
 * When the store fails, the session goes on in memory: what is missing is kept, in order, and written with the next
 * write that works. What the store rejects is left out for good, so that it does not hold up what follows. `onLost` is
 * told of both: `store_failed` or, with the name of what is lost, `store_rejected`; and once, with `lease_lost`, that
 * another process has the session now and nothing more can be written.
 */
export class Transcript {
  readonly #writer: SessionWriter;
  readonly #store: Store;
  readonly #effects: Effects;
  readonly #onLost: (error: CoreError) => void;
  readonly #onSettled: (leafId: string | null, draft: Draft | null) => void;
  #entries: Entry[];
  readonly #calls: Map<string, ToolCallRecord>;
  readonly #unwritten: PendingWrite[] = [];
  #isOver = false;
  #retry: NodeJS.Timeout | null = null;
  #leafId: string | null;
  /** An entry follows the last one that is stored: one whose parent was left out would be rejected too. */
  #lastStoredId: string | null;

  constructor(options: {
    readonly writer: SessionWriter;
    readonly store: Store;
    readonly effects: Effects;
    readonly view: LoadedView;
    readonly leafId: string | null;
    readonly onLost: (error: CoreError) => void;
    /** Told what is in the store by now. */
    readonly onSettled: (leafId: string | null, draft: Draft | null) => void;
  }) {
    this.#onSettled = options.onSettled;
    this.#writer = options.writer;
    this.#store = options.store;
    this.#effects = options.effects;
    this.#onLost = options.onLost;
    this.#entries = [...options.view.entries];
    this.#calls = new Map(options.view.calls);
    this.#leafId = options.leafId;
    this.#lastStoredId = options.leafId;
  }

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  get calls(): ReadonlyMap<string, ToolCallRecord> {
    return this.#calls;
  }

  /** The entry that the next one follows; null before the first. */
  get leafId(): string | null {
    return this.#leafId;
  }

  /** The start of a turn: its prompt, and what that changes of the session, both or neither. */
  appendPrompt(turnId: string, content: UserContent, options: PromptOptions): void {
    const { change, ...rest } = options;
    const entry = this.#add(turnId, content);
    this.#write(
      `entry ${entry.id} (prompt)`,
      () => {
        this.#store.appendEntry(this.#writer, { ...entry, parentId: this.#lastStoredId }, rest);
        this.#store.changeSession(this.#writer, change, entry.createdAtMs);
        this.#lastStoredId = entry.id;
      },
      () => this.#onSettled(entry.id, null),
    );
  }

  /** `acceptsInput` names the waiting input that the entry is. */
  append(turnId: string, content: EntryContent, options: { readonly acceptsInput?: string | undefined } = {}): Entry {
    const entry = this.#add(turnId, content);
    this.#write(
      `entry ${entry.id} (${content.kind})`,
      () => {
        this.#store.appendEntry(this.#writer, { ...entry, parentId: this.#lastStoredId }, options);
        this.#lastStoredId = entry.id;
      },
      () => this.#onSettled(entry.id, null),
    );
    return entry;
  }

  /** @throws {CoreError} `store_failed` while something is not saved yet, `lease_lost`. */
  flush(): void {
    this.#write("what is missing", () => undefined);
    if (this.#isOver) throw new CoreError("lease_lost", "another process writes to this session, or it is closed");
    if (this.#unwritten.length > 0) throw new CoreError("store_failed", "the session is not saved at the moment");
  }

  /** Nothing is written any more, after a last try of what is missing. */
  close(): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    if (!this.#isOver) this.#writeOneByOne();
    this.#isOver = true;
  }

  /** The path ends in another entry from now on, as the store has it already. */
  startFrom(leafId: string | null, view: LoadedView): void {
    this.#entries = [...view.entries];
    this.#calls.clear();
    for (const [callId, call] of view.calls) this.#calls.set(callId, call);
    this.#leafId = leafId;
    this.#lastStoredId = leafId;
  }

  /** From now on a model is shown `entries`, which are some of the present ones. The record keeps all. */
  show(entries: readonly Entry[]): void {
    this.#entries = [...entries];
    const kept = new Set(entries.map(({ id }) => id));
    for (const [callId, call] of this.#calls) if (!kept.has(call.entryId)) this.#calls.delete(callId);
  }

  /** A draft that cannot be written now is not worth keeping: a longer one follows. */
  draft(draft: Draft): void {
    try {
      if (this.#isOver || this.#retry !== null) return;
      this.#writeOneByOne();
      if (this.#unwritten.length > 0) return;
      this.#store.writeDraft(this.#writer, draft);
      this.#onSettled(this.#lastStoredId, draft);
    } catch (error) {
      this.#lose(toCoreError(error, "the draft of an answer"));
    }
  }

  forgetDraft(): void {
    this.#write(
      "the end of a draft",
      () => this.#store.writeDraft(this.#writer, null),
      () => this.#onSettled(this.#lastStoredId, null),
    );
  }

  decideCall(callId: string, decision: Decision, effect: ToolEffect): void {
    const nowMs = this.#effects.now();
    this.#changeCall(callId, { state: "decided", decision });
    const what = `the decision on call ${callId}`;
    const act = (): void => this.#store.decideCall(this.#writer, callId, decision, nowMs);
    // What is read starts at once, and may happen twice. Of anything else it has to be known that it was to happen.
    if (decision.kind === "run" && effect === "read-only") this.#writeWithNext(what, act);
    else this.#write(what, act);
  }

  startCall(callId: string): void {
    const nowMs = this.#effects.now();
    const attempts = (this.#calls.get(callId)?.attempts ?? 0) + 1;
    this.#changeCall(callId, { state: "started", attempts });
    this.#write(`the start of call ${callId}`, () => this.#store.startCall(this.#writer, callId, attempts, nowMs));
  }

  finishCall(callId: string, result: ToolCallResult): void {
    const nowMs = this.#effects.now();
    this.#changeCall(callId, { state: "finished", result });
    this.#write(`the result of call ${callId}`, () => this.#store.finishCall(this.#writer, callId, result, nowMs));
  }

  /** Of a request that was answered: the answer is the next thing that is written, and they belong together. */
  recordAnsweredUsage(usage: UsageRecord): void {
    this.#writeWithNext("the usage of a request", () => this.#store.recordUsage(this.#writer, usage));
  }

  recordUsage(usage: UsageRecord): void {
    this.#write("the usage of a request", () => this.#store.recordUsage(this.#writer, usage));
  }

  recordConnection(record: ConnectionRecord): void {
    const nowMs = this.#effects.now();
    this.#write(`a connection to ${record.host}`, () => this.#store.recordConnection(this.#writer, record, nowMs));
  }

  changeSession(change: SessionChange): void {
    const nowMs = this.#effects.now();
    this.#write("a change of the session", () => this.#store.changeSession(this.#writer, change, nowMs));
  }

  writeOwnedFiles(paths: readonly string[]): void {
    this.#write("the list of created files", () => this.#store.writeOwnedFiles(this.#writer, paths));
  }

  writeValue(name: string, json: string): void {
    this.#write(`the value ${name}`, () => this.#store.writeValue(this.#writer, name, json));
  }

  recordAudit(record: AuditRecord): void {
    this.#write("a line of the audit log", () => this.#store.recordAudit(this.#writer, record));
  }

  /** The blob's hash; null when it could not be stored, which loses no more than what the bounded text leaves out. */
  writeBlob(bytes: Uint8Array): string | null {
    try {
      return this.#isOver ? null : this.#store.writeBlob(this.#writer, bytes);
    } catch (error) {
      this.#lose(toCoreError(error, "the whole output of a call"));
      return null;
    }
  }

  #add(turnId: string, content: EntryContent): Entry {
    const entry: Entry = {
      id: this.#effects.id(),
      sessionId: this.#writer.sessionId,
      parentId: this.#leafId,
      turnId,
      createdAtMs: this.#effects.now(),
      content,
    };
    this.#entries.push(entry);
    this.#leafId = entry.id;
    if (content.kind === "assistant") {
      for (const { callId, name } of content.toolCalls) {
        const state = { state: "requested", decision: null, attempts: 0, result: null } as const;
        this.#calls.set(callId, { callId, entryId: entry.id, name, ...state });
      }
    }
    return entry;
  }

  #lose(error: CoreError): void {
    if (error.code === "lease_lost") {
      if (this.#isOver) return;
      this.#isOver = true;
      this.#unwritten.length = 0;
    }
    if (error.code === "store_failed") this.#retrySoon();
    this.#onLost(error);
  }

  /** Also while nothing new comes: a call that runs for an hour must not be missing for an hour. */
  #retrySoon(): void {
    this.#retry ??= setTimeout(() => {
      this.#retry = null;
      this.#writeOneByOne();
    }, retryMs).unref();
  }

  #changeCall(callId: string, change: Partial<ToolCallRecord>): void {
    const call = this.#calls.get(callId);
    if (call !== undefined) this.#calls.set(callId, { ...call, ...change });
  }

  /** As part of the next write: one transaction less. */
  #writeWithNext(what: string, act: () => void): void {
    if (!this.#isOver) this.#unwritten.push({ what, act });
  }

  #write(what: string, act: () => void, after?: () => void): void {
    if (this.#isOver) return;
    this.#unwritten.push({ what, act, after });
    const error = this.#unwritten.length === 1 ? null : this.#writeTogether();
    if (error?.code === "store_failed" || error?.code === "lease_lost") this.#lose(error);
    else this.#writeOneByOne();
  }

  /** Everything that is unwritten in one transaction, or nothing of it. */
  #writeTogether(): CoreError | null {
    const writes = this.#unwritten.splice(0);
    const lastStoredId = this.#lastStoredId;
    try {
      this.#store.together(() => {
        for (const { act } of writes) act();
      });
    } catch (error) {
      this.#lastStoredId = lastStoredId;
      this.#unwritten.unshift(...writes);
      return toCoreError(error, "what is missing");
    }
    for (const { after } of writes) after?.();
    return null;
  }

  /** So that what is rejected is found, and holds up nothing else. */
  #writeOneByOne(): void {
    for (let next = this.#unwritten[0]; next !== undefined; next = this.#unwritten[0]) {
      const { what, act, after } = next;
      const lastStoredId = this.#lastStoredId;
      let error: CoreError | null = null;
      try {
        this.#store.together(act);
      } catch (cause) {
        this.#lastStoredId = lastStoredId;
        error = toCoreError(cause, what);
      }
      if (error?.code === "store_failed" || error?.code === "lease_lost") {
        this.#lose(error);
        return;
      }
      // Before anyone is told: a listener may have something to write as well.
      this.#unwritten.shift();
      if (error === null) after?.();
      else this.#lose(error);
    }
  }
}

interface PromptOptions {
  readonly change: SessionChange;
  readonly acceptsInput?: string | undefined;
}

interface PendingWrite {
  /** Names it for a person. */
  readonly what: string;
  readonly act: () => void;
  /** Called once it is in the store. */
  readonly after?: (() => void) | undefined;
}

/** What no store has said to be rejected may work another time. */
function toCoreError(error: unknown, what: string): CoreError {
  const detail = error instanceof Error ? error.message : String(error);
  const code = error instanceof CoreError ? error.code : "store_failed";
  if (code === "lease_lost") return new CoreError(code, detail, { cause: error });
  return code === "store_rejected"
    ? new CoreError(code, `${what}: ${detail}`, { cause: error })
    : new CoreError("store_failed", detail, { cause: error });
}
