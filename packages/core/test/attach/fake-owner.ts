import type { EngineEvent } from "../../src/events/engine-event.ts";
import { LiveLog } from "../../src/events/live-log.ts";
import type { SessionWriter } from "../../src/store/session-record.ts";
import type { Store } from "../../src/store/store.ts";
import type { WaitKind } from "../../src/store/wait-store.ts";

/** Writes a session as its owner does: journal, drafts, live log. Ids are counted, timers run when `elapse` is called. */
export class FakeOwner implements Disposable {
  readonly writer: SessionWriter;
  readonly #store: Store;
  readonly #log: LiveLog;
  readonly #token: string;
  readonly #timers = new Set<() => void>();
  #leafId: string | null;
  #text = "";
  #entries = 0;
  #turn = 0;

  constructor(store: Store, sessionId = "session-1") {
    this.#store = store;
    if (store.readSession(sessionId) === null) store.createSession(toRecord(sessionId));
    this.#token = `owner-${store.readSession(sessionId)?.fence}`;
    const owner = { token: this.#token, pid: process.pid, startMarker: "", place: "", renewedAtMs: 0 };
    const answer = store.acquireLease(sessionId, owner, () => false);
    if (answer.kind === "busy") throw new Error("somebody else has the session");
    this.writer = answer.writer;
    this.#leafId = store.readSession(sessionId)?.leafId ?? null;
    this.#log = new LiveLog({
      store,
      writer: this.writer,
      now: () => 1_000_000,
      schedule: (_delayMs, act) => {
        this.#timers.add(act);
        return () => this.#timers.delete(act);
      },
      onLost: (error) => {
        throw error;
      },
    });
    this.#log.settle(this.#leafId, null);
  }

  /** The live log is written, as it is after a tenth of a second. */
  elapse(): void {
    this.#log.flush();
  }

  tell(event: EngineEvent): void {
    this.#log.push(event);
  }

  prompt(text: string): void {
    this.#turn += 1;
    const turnId = this.#turnId();
    this.tell({ type: "turn-start", turnId, turnNumber: this.#turn, prompt: text, isContinued: false });
    this.#append({ kind: "user", source: "prompt", text });
  }

  say(text: string): void {
    this.#text += text;
    this.tell({ type: "text-delta", text });
  }

  saveDraft(): void {
    const draft = { turnId: this.#turnId(), text: this.#text, thinking: "" };
    this.#store.writeDraft(this.writer, draft);
    this.#log.settle(this.#leafId, draft);
  }

  /** What was said becomes an entry. */
  finish(): void {
    this.#append({ kind: "assistant", text: this.#text, thinking: "", toolCalls: [], isComplete: true });
    this.#text = "";
  }

  ask(requestId: string, kind: WaitKind = "steps"): void {
    this.#store.openWait(this.writer, {
      key: `${this.writer.sessionId}/wait/${requestId}`,
      turnId: this.#turnId(),
      callId: null,
      kind,
      payloadJson: "{}",
      deadlineMs: null,
      createdAtMs: 1,
    });
    this.tell({ type: "loop-cap-reached", requestId, steps: 1 });
  }

  leave(): void {
    this.#log[Symbol.dispose]();
    this.#store.releaseLease(this.writer.sessionId, this.#token);
  }

  [Symbol.dispose](): void {
    this.leave();
  }

  #append(content: Parameters<Store["appendEntry"]>[1]["content"]): void {
    const { sessionId, fence } = this.writer;
    this.#entries += 1;
    const id = `entry-${fence}-${this.#entries}`;
    const entry = { id, sessionId, parentId: this.#leafId, turnId: this.#turnId(), createdAtMs: 1, content };
    this.#store.appendEntry(this.writer, entry);
    this.#leafId = id;
    this.#log.settle(id, null);
  }

  #turnId(): string {
    return `turn-${this.writer.fence}-${this.#turn}`;
  }
}

function toRecord(id: string): Parameters<Store["createSession"]>[0] {
  return {
    id,
    projectRoot: "/project",
    title: null,
    providerId: "scripted",
    model: "scripted-1",
    mode: "auto",
    state: "active",
    stateReason: null,
    parentId: null,
    leafId: null,
    turnCount: 0,
    fence: 0,
    createdAtMs: 1,
    updatedAtMs: 1,
  };
}
