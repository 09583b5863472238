import fc from "fast-check";
import type { LoadedView } from "../../src/context/load-view.ts";
import type { Entry, EntryContent } from "../../src/store/entry.ts";
import type { JournalStore } from "../../src/store/journal-store.ts";
import type { ToolCallRecord } from "../../src/store/tool-call-record.ts";

/** One path of a session from its first entry, as a store would hold it. */
export class EntryPath {
  readonly entries: Entry[] = [];
  readonly calls: Map<string, ToolCallRecord> = new Map();
  /** Entries that were read through {@link store}. */
  reads = 0;
  turnId = "turn_0";

  get leafId(): string | null {
    return this.entries.at(-1)?.id ?? null;
  }

  /** Counts what is read of it. */
  get store(): Pick<JournalStore, "readEntry" | "readCallsOf"> {
    const byId = new Map(this.entries.map((entry) => [entry.id, entry]));
    const byEntry = Map.groupBy(this.calls.values(), ({ entryId }) => entryId);
    return {
      readEntry: (id) => {
        this.reads += 1;
        return byId.get(id) ?? null;
      },
      readCallsOf: (entryId) => byEntry.get(entryId) ?? [],
    };
  }

  get view(): LoadedView {
    return { entries: [...this.entries], calls: this.calls, isWhole: true };
  }

  append = (content: EntryContent): Entry => {
    const id = `e${this.entries.length}`;
    const entry = { id, sessionId: "s", parentId: this.leafId, turnId: this.turnId, createdAtMs: 1, content };
    this.entries.push(entry);
    return entry;
  };

  prompt(text: string): Entry {
    this.turnId = `turn_${this.entries.length}`;
    return this.append({ kind: "user", source: "prompt", text });
  }

  /** An answer and the results of its calls; null for a call that has none. */
  answer(text: string, calls: readonly { readonly name: string; readonly result: string | null }[] = []): Entry {
    const toolCalls = calls.map(({ name }, index) => ({
      callId: `e${this.entries.length}_${index}`,
      name,
      argumentsJson: "{}",
    }));
    const entry = this.append({ kind: "assistant", text, thinking: "hm", toolCalls, isComplete: true });
    for (const [index, { callId, name }] of toolCalls.entries()) {
      const result = calls[index]?.result ?? null;
      const state = result === null ? "started" : "finished";
      const rest = { durationMs: 1, origin: "workspace", fullTextHash: null, changes: [] } as const;
      const record = { callId, entryId: entry.id, name, state, decision: null, attempts: 1 } as const;
      this.calls.set(callId, { ...record, result: result === null ? null : { outcome: "ok", text: result, ...rest } });
    }
    return entry;
  }

  end(): Entry {
    return this.append({ kind: "turn-end", outcome: { kind: "complete", text: "" } });
  }
}

const anyCall = fc.record({
  name: fc.constantFrom("Read", "Grep", "Bash"),
  result: fc.option(fc.nat({ max: 400 }).map((length) => "r".repeat(length))),
});

const anyText = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.nat({ max: 300 }).map((length) => "t".repeat(length)),
);

const anyTurn = fc.record({
  prompt: anyText,
  steps: fc.array(fc.record({ text: anyText, calls: fc.array(anyCall, { maxLength: 4 }) }), { maxLength: 4 }),
  isCut: fc.boolean(),
  hasEnd: fc.boolean(),
  /** How many entries back a summary keeps; null for no summary after this turn. */
  keeps: fc.option(fc.nat({ max: 8 }), { freq: 3 }),
});

/** Turns of any shape, interrupted ones and ones with summaries among them. */
export const anyPath: fc.Arbitrary<EntryPath> = fc.array(anyTurn, { maxLength: 8 }).map((turns) => {
  const path = new EntryPath();
  for (const { prompt, steps, isCut, hasEnd, keeps } of turns) {
    path.prompt(prompt);
    for (const step of steps) path.answer(step.text, step.calls);
    if (isCut) path.append({ kind: "assistant", text: "cut", thinking: "", toolCalls: [], isComplete: false });
    if (hasEnd) path.end();
    if (keeps === null) continue;
    const kept = path.entries.slice(keeps === 0 ? path.entries.length : -keeps);
    const keptFromId = kept.find(({ content }) => content.kind !== "summary")?.id ?? null;
    path.append({ kind: "summary", text: `summary ${path.entries.length}`, keptFromId });
  }
  return path;
});

/** The same without summaries. */
export const anyUnsummarisedPath: fc.Arbitrary<EntryPath> = anyPath.filter(({ entries }) =>
  entries.every(({ content }) => content.kind !== "summary"),
);
