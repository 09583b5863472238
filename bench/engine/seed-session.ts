import { createInProcessEffects, type Entry, type EntryContent, type Store } from "@koda/core";
import type { Length } from "./lengths.ts";

export interface Seed {
  readonly store: Store;
  readonly sessionId: string;
  readonly projectRoot: string;
  readonly length: Length;
}

/** Characters after which a session is summarised: 80 % of a window of 200,000 tokens. */
const CHARS_TO_SUMMARY = 640_000;
/** What a message costs besides its text, as the engine estimates. */
const MESSAGE_CHARS = 40;
/** The newest entries, which a summary keeps: a fifth of what was shown. */
const KEPT_PART = 0.2;

/** Writes a session as turns with one call have left it, with a summary wherever the engine would have made one. */
export function seedSession({ store, sessionId, projectRoot, length }: Seed): void {
  const effects = createInProcessEffects();
  const text = "The words of a session, said again and again. ".repeat(200).slice(0, length.textChars);
  const nowMs = effects.now();
  const record = { providerId: "scripted", model: "script-1", mode: "auto", state: "active", title: "seeded" } as const;
  const fresh = { stateReason: null, parentId: null, leafId: null, turnCount: 0, fence: 0 } as const;
  store.createSession({ id: sessionId, projectRoot, ...record, ...fresh, createdAtMs: nowMs, updatedAtMs: nowMs });
  const owner = { token: effects.id(), pid: process.pid, startMarker: "", place: "", renewedAtMs: nowMs };
  const lease = store.acquireLease(sessionId, owner, () => false);
  if (lease.kind === "busy") throw new Error(`session ${sessionId} is in use`);
  const { writer } = lease;
  let leafId: string | null = null;
  let shown: { id: string; chars: number }[] = [];
  let turnId = "";
  let turns = 0;
  let appended = 0;
  const append = (content: EntryContent): void => {
    const id = effects.id();
    const entry: Entry = { id, sessionId, parentId: leafId, turnId, createdAtMs: nowMs, content };
    store.appendEntry(writer, entry);
    leafId = id;
    appended += 1;
    const chars = "text" in content ? content.text.length + MESSAGE_CHARS : 0;
    shown.push({ id, chars: content.kind === "assistant" ? chars * (1 + content.toolCalls.length) : chars });
  };
  const summarise = (): void => {
    if (shown.reduce((sum, { chars }) => sum + chars, 0) < CHARS_TO_SUMMARY) return;
    shown = shown.slice(-Math.ceil(shown.length * KEPT_PART));
    append({ kind: "summary", text, keptFromId: shown[0]?.id ?? null });
  };
  const answer = { kind: "assistant", text, thinking: "", isComplete: true } as const;
  /** The four entries of a turn. */
  const steps: readonly (() => void)[] = [
    () => {
      summarise();
      turnId = effects.id();
      turns += 1;
      append({ kind: "user", source: "prompt", text, turn: { number: turns, protocol: 1 } });
    },
    () => {
      const callId = `${turnId}-1`;
      append({ ...answer, step: 1, toolCalls: [{ callId, name: "Noop", argumentsJson: "{}" }] });
      store.startCall(writer, callId, 1, nowMs);
      const result = {
        outcome: "ok",
        text,
        changes: [],
        durationMs: 0,
        origin: "workspace",
        fullTextHash: null,
      } as const;
      store.finishCall(writer, callId, result, nowMs);
    },
    () => append({ ...answer, step: 2, toolCalls: [] }),
    () => append({ kind: "turn-end", outcome: { kind: "complete", text } }),
  ];
  store.together(() => {
    for (let step = 0; appended < length.entries; step += 1) steps[step % steps.length]?.();
    store.changeSession(writer, { turnCount: turns }, nowMs);
    store.releaseLease(sessionId, owner.token);
  });
}
