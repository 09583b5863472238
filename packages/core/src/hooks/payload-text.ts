import { shellQuote } from "../tools/shell-quote.ts";
import type { HookPayload } from "./hook-payload.ts";

/** Quoted for bash. With a command it stays below the 128 KiB that Linux lets one argument of a program have. */
const maxPayloadBytes = 64 * 1024;

/** How long a text within a payload may be: the first of these with which all of it fits. */
const textLimits = [8192, 1024, 128];

/** The whole payload as JSON in one word for bash; null when that is longer than 64 KiB. */
export function toPayloadWord(payload: HookPayload): string | null {
  return withinLimit(JSON.stringify(payload));
}

/** As {@link toPayloadWord}, with long texts cut where it must be; then `isCut` is true in it. */
export function toCutPayloadWord(payload: HookPayload): string {
  const whole = toPayloadWord(payload);
  if (whole !== null) return whole;
  for (const limit of textLimits) {
    const cut = (_key: string, value: unknown): unknown =>
      typeof value === "string" && value.length > limit ? `${value.slice(0, limit)}…` : value;
    const word = withinLimit(JSON.stringify({ ...payload, isCut: true }, cut));
    if (word !== null) return word;
  }
  const { event, sessionId } = payload;
  return shellQuote(JSON.stringify({ event, sessionId, isCut: true }));
}

function withinLimit(json: string): string | null {
  const word = shellQuote(json);
  return Buffer.byteLength(word) <= maxPayloadBytes ? word : null;
}
