import { z } from "zod";
import type { MemoryItem, MemoryItemStore } from "./memory-item-store.ts";
import { parseJson, parseRow } from "./parse-row.ts";
import { toMatchExpression } from "./search-words.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";

export function createMemoryItemStore(connection: SqliteConnection): MemoryItemStore {
  return {
    addMemory: (item) =>
      connection.transaction(() => {
        const seq = connection.insert(
          `INSERT INTO memories (id, project_root, text, importance, kind, tags, created_at, access_count, accessed_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
          item.id,
          item.projectRoot,
          item.text,
          item.importance,
          item.kind,
          JSON.stringify(item.tags),
          item.createdAtMs,
          item.accessCount,
          item.accessedAtMs,
        );
        const words = [item.text, ...item.tags].join("\n");
        connection.run("INSERT INTO memory_search (rowid, text) VALUES (?, ?)", seq, words);
      }),
    listMemories: (projectRoot) =>
      connection
        .all(`SELECT ${columns} FROM memories WHERE project_root = ? ORDER BY created_at DESC, seq DESC`, projectRoot)
        .map(toMemoryItem),
    findMemories(projectRoot, query, limit) {
      const match = toMatchExpression(query, "OR");
      if (match === null) return [];
      return connection
        .all(
          `SELECT ${columns} FROM memory_search JOIN memories ON memories.seq = memory_search.rowid
           WHERE memory_search MATCH ? AND project_root = ? ORDER BY rank, seq DESC LIMIT ?`,
          match,
          projectRoot,
          Math.max(0, limit),
        )
        .map(toMemoryItem);
    },
    touchMemory(id, nowMs) {
      connection.run(
        "UPDATE memories SET access_count = access_count + 1, accessed_at = max(accessed_at, ?) WHERE id = ?",
        nowMs,
        id,
      );
    },
    removeMemory: (id) =>
      connection.transaction(() => {
        connection.run("DELETE FROM memory_search WHERE rowid = (SELECT seq FROM memories WHERE id = ?)", id);
        return connection.run("DELETE FROM memories WHERE id = ?", id) > 0;
      }),
  };
}

const columns = `memories.id, project_root AS projectRoot, memories.text, importance, kind, tags,
  created_at AS createdAtMs, access_count AS accessCount, accessed_at AS accessedAtMs`;

function toMemoryItem(row: unknown): MemoryItem {
  const { tags, ...item } = parseRow(memoryRow, row);
  return { ...item, tags: parseJson(z.array(z.string()), tags) };
}

const memoryRow = z.object({
  id: z.string(),
  projectRoot: z.string(),
  text: z.string(),
  importance: z.number(),
  kind: z.enum(["episodic", "semantic", "procedural", "working"]),
  tags: z.string(),
  createdAtMs: z.number(),
  accessCount: z.number(),
  accessedAtMs: z.number(),
});
