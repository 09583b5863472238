import { CoreError } from "../errors.ts";
import type { MemoryItem, MemoryItemStore, MemoryKind } from "../store/memory-item-store.ts";
import { type TurnNote, toOutcomeText } from "./outcome-note.ts";
import { sortByRank } from "./rank-memory.ts";
import { createSurvivingItems } from "./surviving-items.ts";
import { toSearchWords } from "./to-search-words.ts";

/** Of one project, over all its sessions: as many as can be read and ranked at once without being noticed. */
const maxLongTerm = 2000;
/** The newest of this session. */
const maxShortTerm = 100;
/** The most relevant of what this session is working with. */
const maxWorking = 10;
const maxTextChars = 4000;
/** Words match many; of so many times what is wanted, the best rank counts. */
const candidatesPerResult = 3;

export interface SessionMemoryOptions {
  readonly store: MemoryItemStore;
  readonly projectRoot: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly id: () => string;
  /** The store failed: memory goes on in the process until it works again. Told at most once. */
  readonly onUnavailable: (reason: string) => void;
  /** Takes secrets out of what is about to be kept. Absent: nothing is taken out. */
  readonly redact?: ((text: string) => string) | undefined;
}

export interface NewMemory {
  readonly text: string;
  /** Clamped to 0…1. Absent, or not a number: 0.5. */
  readonly importance?: number | undefined;
  /** Absent: `semantic`. `working` is kept for this session only. */
  readonly kind?: MemoryKind | undefined;
  readonly tags?: readonly string[] | undefined;
}

export interface MemoryQuery {
  /** Any of its telling words. Absent: all texts. */
  readonly text?: string | undefined;
  /** All of them. */
  readonly tags?: readonly string[] | undefined;
  /** Absent: 10. */
  readonly limit?: number | undefined;
}

/** How many items each tier has. */
export interface MemoryStats {
  readonly longTerm: number;
  readonly shortTerm: number;
  readonly working: number;
}

/**
 * What Koda remembers of a project, as one session uses it. Long-term memory is in the user's own store, never in the
 * repository; short-term and working memory end with the session.
 */
export class SessionMemory {
  readonly #options: SessionMemoryOptions;
  readonly #items: MemoryItemStore;
  #shortTerm: readonly MemoryItem[] = [];
  #working: readonly MemoryItem[] = [];

  constructor(options: SessionMemoryOptions) {
    this.#options = options;
    const { store, onUnavailable } = options;
    this.#items = createSurvivingItems({ store, known: () => this.#shortTerm.toReversed(), onUnavailable });
  }

  /**
   * Keeps `memory`. A text that the project has already is not kept twice: the old item is the result, accessed once
   * more. When long-term memory is full, what is worth least is dropped.
   *
   * @throws {CoreError} `bad_option` for a text without content.
   */
  remember({ text, importance, kind = "semantic", tags = [] }: NewMemory): MemoryItem {
    const { projectRoot, now, id, redact } = this.#options;
    const kept = (redact?.(text) ?? text).trim().toWellFormed().slice(0, maxTextChars).toWellFormed();
    if (kept === "") throw new CoreError("bad_option", "a memory has no text");
    const nowMs = now();
    const item: MemoryItem = {
      id: id(),
      projectRoot,
      text: kept,
      importance: clampImportance(importance),
      kind,
      tags: [...new Set(tags.map((tag) => tag.trim().toLowerCase()).filter((tag) => tag !== ""))],
      createdAtMs: nowMs,
      accessCount: 0,
      accessedAtMs: nowMs,
    };
    if (kind === "working") {
      this.#working = sortByRank([...this.#working, item], nowMs).slice(0, maxWorking);
      return item;
    }
    const known = this.#items.listMemories(projectRoot);
    const twin = known.find((other) => other.text === kept);
    if (twin !== undefined) {
      this.#items.touchMemory(twin.id, nowMs);
      return twin;
    }
    this.#items.addMemory(item);
    this.#shortTerm = [item, ...this.#shortTerm].slice(0, maxShortTerm);
    for (const { id: worst } of sortByRank([...known, item], nowMs).slice(maxLongTerm)) this.#forget(worst);
    return item;
  }

  /** That something worked, as a short note: procedural, importance 0.8, tagged `success`. */
  recordSuccess(note: TurnNote): MemoryItem {
    const tags = ["success", ...(note.tags ?? [])];
    return this.remember({ text: toOutcomeText("success", note), importance: 0.8, kind: "procedural", tags });
  }

  /** That something failed, as a short note: episodic, importance 0.9, tagged `failure`. */
  recordFailure(note: TurnNote): MemoryItem {
    const tags = ["failure", ...(note.tags ?? [])];
    return this.remember({ text: toOutcomeText("failure", note), importance: 0.9, kind: "episodic", tags });
  }

  /** What fits, the most worth knowing first; each counts as accessed. */
  recall({ text, tags = [], limit = 10 }: MemoryQuery): readonly MemoryItem[] {
    const { projectRoot, now } = this.#options;
    const nowMs = now();
    const wanted = tags.map((tag) => tag.trim().toLowerCase());
    const candidates =
      text === undefined
        ? this.#items.listMemories(projectRoot)
        : this.#items.findMemories(
            projectRoot,
            toSearchWords(text),
            tags.length > 0 ? maxLongTerm : limit * candidatesPerResult,
          );
    const fitting = candidates.filter((item) => wanted.every((tag) => item.tags.includes(tag)));
    const found = sortByRank(fitting, nowMs).slice(0, limit);
    for (const { id } of found) this.#items.touchMemory(id, nowMs);
    return found;
  }

  /** What this session works with, the most relevant first. */
  working(): readonly MemoryItem[] {
    return sortByRank(this.#working, this.#options.now());
  }

  /** What this session has learnt, the newest first. */
  shortTerm(): readonly MemoryItem[] {
    return this.#shortTerm;
  }

  /** False when the project has no such memory. */
  forget(id: string): boolean {
    const isWorking = this.#working.some((item) => item.id === id);
    const isLongTerm = this.#items.listMemories(this.#options.projectRoot).some((item) => item.id === id);
    this.#working = this.#working.filter((item) => item.id !== id);
    return isLongTerm ? this.#forget(id) : isWorking;
  }

  stats(): MemoryStats {
    return {
      longTerm: this.#items.listMemories(this.#options.projectRoot).length,
      shortTerm: this.#shortTerm.length,
      working: this.#working.length,
    };
  }

  #forget(id: string): boolean {
    this.#shortTerm = this.#shortTerm.filter((item) => item.id !== id);
    return this.#items.removeMemory(id);
  }
}

function clampImportance(importance: number | undefined): number {
  if (importance === undefined || Number.isNaN(importance)) return 0.5;
  return Math.min(1, Math.max(0, importance));
}
