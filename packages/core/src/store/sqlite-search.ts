import { z } from "zod";
import { parseEntryContent } from "./entry-schema.ts";
import { toExcerpt } from "./excerpt.ts";
import type { JournalStore } from "./journal-store.ts";
import { parseRow } from "./parse-row.ts";
import { toMatchExpression } from "./search-words.ts";
import { toSearchableResult, toSearchableText } from "./searchable-text.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";
import { pathsOfSession } from "./sqlite-path.ts";
import { toolCallOutcome } from "./sqlite-tool-call.ts";

/** The words lie in a table without texts: an even row is the entry, an odd one the call, with half its number. */
export function createSearch(connection: SqliteConnection): JournalStore["search"] {
  return (query, { projectRoot, sessionId, limit }) => {
    const match = toMatchExpression(query, "AND");
    if (match === null) return [];
    const isInSession = "(entries.session_id = ? OR entries.id IN (SELECT id FROM path))";
    // Inherited entries are another session's.
    const [paths, scope, values] =
      sessionId === null
        ? ["", "deleted_at IS NULL AND sessions.project_root = ?", [match, projectRoot]]
        : [
            pathsOfSession,
            `${isInSession} AND EXISTS (SELECT 1 FROM sessions WHERE id = ? AND deleted_at IS NULL AND project_root = ?)`,
            [sessionId, sessionId, match, sessionId, sessionId, projectRoot],
          ];
    const rows = connection.all(
      `${paths} SELECT entries.session_id AS sessionId, entries.id AS entryId, calls.call_id AS callId, content,
         calls.outcome, calls.text
       FROM search
       LEFT JOIN tool_calls AS calls ON search.rowid % 2 = 1 AND calls.seq = search.rowid / 2
       JOIN entries ON entries.seq = CASE search.rowid % 2
         WHEN 0 THEN search.rowid / 2 ELSE (SELECT seq FROM entries WHERE id = calls.entry_id) END
       JOIN sessions ON sessions.id = entries.session_id
       WHERE search MATCH ? AND ${scope}
       ORDER BY rank, search.rowid DESC LIMIT ?`,
      ...values,
      Math.max(0, limit),
    );
    return rows.map((row) => {
      const { content, outcome, text, ...hit } = parseRow(hitRow, row);
      const found =
        outcome === null
          ? toSearchableText(parseEntryContent(content))
          : toSearchableResult({ outcome, text: text ?? "" });
      return { ...hit, excerpt: toExcerpt(found ?? "", query) };
    });
  };
}

/** Within the transaction that inserts the entry. */
export function indexEntry(connection: SqliteConnection, seq: number, text: string): void {
  connection.run("INSERT INTO search (rowid, text) VALUES (?, ?)", seq * 2, text);
}

/** Within the transaction that stores the result. */
export function indexResult(connection: SqliteConnection, seq: number, text: string): void {
  connection.run("INSERT INTO search (rowid, text) VALUES (?, ?)", seq * 2 + 1, text);
}

const hitRow = z.object({
  sessionId: z.string(),
  entryId: z.string(),
  callId: z.string().nullable(),
  content: z.string(),
  outcome: toolCallOutcome.nullable(),
  text: z.string().nullable(),
});
