export type MemoryKind = "episodic" | "semantic" | "procedural" | "working";

/** Something worth knowing in later sessions of a project. */
export interface MemoryItem {
  readonly id: string;
  readonly projectRoot: string;
  readonly text: string;
  /** 0 to 1. */
  readonly importance: number;
  readonly kind: MemoryKind;
  readonly tags: readonly string[];
  readonly createdAtMs: number;
  readonly accessCount: number;
  readonly accessedAtMs: number;
}

/** Memories of projects. In the user's own database: a repository stays clean. */
export interface MemoryItemStore {
  /** Throws `store_rejected` when the id exists. */
  addMemory(item: MemoryItem): void;
  /** The newest first. */
  listMemories(projectRoot: string): readonly MemoryItem[];
  /** Those with any of the words of `query`, as `search` of the journal takes them; at most `limit`, the best match first. */
  findMemories(projectRoot: string, query: string, limit: number): readonly MemoryItem[];
  /** Counts one access. */
  touchMemory(id: string, nowMs: number): void;
  /** False when there was none. */
  removeMemory(id: string): boolean;
}
