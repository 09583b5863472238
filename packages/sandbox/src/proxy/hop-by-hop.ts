import type { OutgoingMessage } from "node:http";

/** Field names and values in turn, as Node gives and takes raw headers. */
export type RawFields = readonly string[];

/**
 * The fields that may travel on: those of this connection only are removed (RFC 9110 §7.6.1), with every field that
 * `Connection` names, except the ones without which a message would change its length or its host; and those of the
 * names `without`, in small letters.
 */
export function endToEndFields(fields: RawFields, ...without: string[]): string[] {
  const named = connectionOptions(fields);
  const kept: string[] = [];
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const name = fields[index] ?? "";
    const key = name.toLowerCase();
    if (hopByHop.has(key) || named.includes(key) || without.includes(key)) continue;
    kept.push(name, fields[index + 1] ?? "");
  }
  return kept;
}

/** All values of one field, in order; `wanted` in small letters. */
export function fieldValues(fields: RawFields, wanted: string): string[] {
  const values: string[] = [];
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const name = fields[index] ?? "";
    if (name.length === wanted.length && name.toLowerCase() === wanted) values.push(fields[index + 1] ?? "");
  }
  return values;
}

/** Name and value of every field. */
export function fieldPairs(fields: RawFields): [name: string, value: string][] {
  const pairs: [string, string][] = [];
  for (let index = 0; index + 1 < fields.length; index += 2) pairs.push([fields[index] ?? "", fields[index + 1] ?? ""]);
  return pairs;
}

/**
 * Adds the end-to-end ones of the trailers to a message. Those that may not be sent on are dropped with the rest, as
 * any intermediary may do (RFC 9110 §6.5.1).
 */
export function addEndToEndTrailers(message: OutgoingMessage, trailers: RawFields): void {
  if (trailers.length === 0) return;
  try {
    message.addTrailers(fieldPairs(endToEndFields(trailers)));
  } catch {
    // A byte that no field may have; the message is whole without it.
  }
}

/** The fields that `Connection` names and that may go with it. */
function connectionOptions(fields: RawFields): string[] {
  const values = fieldValues(fields, "connection");
  if (values.length === 0) return values;
  return values
    .flatMap((value) => value.split(",").map((name) => name.trim().toLowerCase()))
    .filter((name) => !framing.has(name));
}

const hopByHop: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "proxy-authenticate",
  "proxy-authentication-info",
  "proxy-authorization",
  "te",
  "transfer-encoding",
  "upgrade",
]);

const framing: ReadonlySet<string> = new Set(["content-length", "content-type", "host", "authorization"]);
