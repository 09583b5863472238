import type { EngineEvent } from "./engine-event.ts";
import { weighEvent } from "./weigh-event.ts";

/** Pieces of a text that goes on: their number and cut mean nothing. */
type Piece = Extract<EngineEvent, { type: "text-delta" | "thinking-delta" | "tool-output" }>;

/** UTF-16 code units of one joined text: a screen or a line of JSON copes with it, and few are needed for any answer. */
const maxJoinedLength = 1024 * 1024;

/**
 * An event that waits to be read. Pieces of one text that follow each other can become one, so that whoever reads
 * slowly gets fewer and longer ones and loses nothing. Joining costs the same however long the text is.
 */
export class JoinedEvent {
  readonly #first: EngineEvent;
  #texts: string[] | null = null;
  #length: number;
  #count = 1;

  constructor(event: EngineEvent) {
    this.#first = event;
    this.#length = isPiece(event) ? event.text.length : weighEvent(event);
  }

  /** How many events this one stands for. */
  get count(): number {
    return this.#count;
  }

  /** Of a piece of text its length, of other events about what all of it takes, in UTF-16 code units. */
  get length(): number {
    return this.#length;
  }

  /** Takes `next` in, when it goes on where this one ends and the two together are not too long; otherwise false. */
  tryJoin(next: JoinedEvent): boolean {
    const [left, right] = [this.#first, next.#first];
    if (!isPiece(left) || !isPiece(right) || !isSameText(left, right)) return false;
    if (this.#length + next.#length > maxJoinedLength) return false;
    this.#texts ??= [left.text];
    if (next.#texts === null) this.#texts.push(right.text);
    else this.#texts.push(next.#texts.join(""));
    this.#length += next.#length;
    this.#count += next.#count;
    return true;
  }

  toEvent(): EngineEvent {
    return this.#texts === null || !isPiece(this.#first) ? this.#first : { ...this.#first, text: this.#texts.join("") };
  }
}

function isPiece(event: EngineEvent): event is Piece {
  return event.type === "text-delta" || event.type === "thinking-delta" || event.type === "tool-output";
}

function isSameText(left: Piece, right: Piece): boolean {
  if (left.type === "tool-output" && right.type === "tool-output") return left.callId === right.callId;
  return left.type === right.type;
}
