import type { OutgoingMessage } from "node:http";

/** Field names and values in turn, as Node gives and takes raw headers. */
export type RawFields = readonly string[];

/**
 * The fields that may travel on: those of this connection only are removed (RFC 9110 §7.6.1), with every field that
 * `Connection` names, except the ones without which a message would change its length or its host.
 */
export function endToEndFields(fields: RawFields): string[] {
  const named = new Set(connectionOptions(fields).filter((name) => !framing.has(name)));
  const kept: string[] = [];
  for (const [name, value] of fieldPairs(fields)) {
    const key = name.toLowerCase();
    if (!hopByHop.has(key) && !named.has(key)) kept.push(name, value);
  }
  return kept;
}

/** All values of one field, in order. */
export function fieldValues(fields: RawFields, wanted: string): string[] {
  const values: string[] = [];
  for (const [name, value] of fieldPairs(fields)) if (name.toLowerCase() === wanted) values.push(value);
  return values;
}

/** The fields without those of one name. */
export function withoutField(fields: RawFields, unwanted: string): string[] {
  return fieldPairs(fields)
    .filter(([name]) => name.toLowerCase() !== unwanted)
    .flat();
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

function connectionOptions(fields: RawFields): string[] {
  return fieldValues(fields, "connection").flatMap((value) =>
    value.split(",").map((name) => name.trim().toLowerCase()),
  );
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
