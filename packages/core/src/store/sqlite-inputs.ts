import { z } from "zod";
import { CoreError } from "../errors.ts";
import type { InputRecord, InputStore } from "./input-store.ts";
import { parseRow } from "./parse-row.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";
import { noSession } from "./sqlite-writer.ts";

export function createInputStore(connection: SqliteConnection): InputStore {
  return {
    addInput: (input) =>
      connection.transaction(() => {
        const known = connection.get(
          "SELECT text FROM inputs WHERE session_id = ? AND id = ?",
          input.sessionId,
          input.id,
        );
        if (known !== undefined) {
          if (parseRow(textRow, known).text === input.text) return "known";
          throw new CoreError("store_rejected", `input ${JSON.stringify(input.id)} was sent before with another text`);
        }
        const touched = connection.run(
          "UPDATE sessions SET updated_at = max(updated_at, ?) WHERE id = ? AND deleted_at IS NULL",
          input.createdAtMs,
          input.sessionId,
        );
        if (touched === 0) throw noSession(input.sessionId);
        connection.run(
          `INSERT INTO inputs (session_id, id, text, boundary, state, created_at) VALUES (?, ?, ?, ?, 'waiting', ?)`,
          input.sessionId,
          input.id,
          input.text,
          input.boundary,
          input.createdAtMs,
        );
        return "added";
      }),
    listInputs: (sessionId) =>
      connection
        .all(`SELECT ${columns} FROM inputs WHERE session_id = ? ORDER BY seq`, sessionId)
        .map((row) => parseRow(inputRow, row)),
    waitingInputs: (sessionId) =>
      connection
        .all(`SELECT ${columns} FROM inputs WHERE session_id = ? AND state = 'waiting' ORDER BY seq`, sessionId)
        .map((row) => parseRow(inputRow, row)),
    withdrawInput: (sessionId, id) =>
      connection.run(
        "UPDATE inputs SET state = 'withdrawn' WHERE session_id = ? AND id = ? AND state = 'waiting'",
        sessionId,
        id,
      ) > 0,
  };
}

const columns = `id, session_id AS sessionId, text, boundary, state, entry_id AS entryId, created_at AS createdAtMs`;

const textRow = z.object({ text: z.string() });

const inputRow: z.ZodType<InputRecord> = z.object({
  id: z.string(),
  sessionId: z.string(),
  text: z.string(),
  boundary: z.enum(["this-turn", "next-turn"]),
  state: z.enum(["waiting", "accepted", "withdrawn"]),
  entryId: z.string().nullable(),
  createdAtMs: z.number(),
});
