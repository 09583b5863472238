import { CoreError } from "../errors.ts";

/** A place in the live log of one session: after event `seq`, as told under `fence` or an earlier one. */
export interface AttachCursor {
  readonly sessionId: string;
  readonly fence: number;
  readonly seq: number;
}

const prefix = "koda1.";

/** Opaque to whoever keeps it. */
export function toCursorText({ sessionId, fence, seq }: AttachCursor): string {
  return prefix + Buffer.from(`${fence}.${seq}.${sessionId}`).toString("base64url");
}

/**
 * The opposite of {@link toCursorText}: `koda1.` and, in base64url, `fence.seq.session`.
 *
 * @throws {CoreError} `bad_cursor` for any other text, and for one of another session.
 */
export function parseCursor(text: string, sessionId: string): AttachCursor {
  const payload = text.startsWith(prefix) ? Buffer.from(text.slice(prefix.length), "base64url").toString() : "";
  const [, fence, seq, id] = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(.+)$/s.exec(payload) ?? [];
  const cursor = { sessionId: id ?? "", fence: Number(fence), seq: Number(seq) };
  // Written again it has to be the same text: base64 has several spellings of one payload, and numbers have limits.
  if (id === undefined || !isPlace(cursor) || toCursorText(cursor) !== text) {
    throw new CoreError("bad_cursor", `not a cursor: ${JSON.stringify(text.slice(0, 200))}`);
  }
  if (id !== sessionId) {
    throw new CoreError("bad_cursor", `the cursor belongs to session ${JSON.stringify(id)}, not ${sessionId}`);
  }
  return cursor;
}

const isPlace = ({ fence, seq }: AttachCursor): boolean => Number.isSafeInteger(fence) && Number.isSafeInteger(seq);
