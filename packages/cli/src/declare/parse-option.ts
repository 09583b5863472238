import { InvalidArgumentError } from "commander";
import { CliError } from "../errors.ts";
import type { PortPair } from "../invocation.ts";

/** For an option that may be given several times. */
export const collect = (value: string, previous: readonly string[] = []): readonly string[] => [...previous, value];

export function parsePositive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("a whole number from 1 up is wanted.");
  return value;
}

export function parseAmount(text: string): number {
  const value = Number(text);
  if (!(Number.isFinite(value) && value > 0)) throw new InvalidArgumentError("a number above zero is wanted.");
  return value;
}

export function parsePort(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 65_535)
    throw new InvalidArgumentError("a port from 1 to 65535 is wanted.");
  return value;
}

/** This machine's port first, whichever way connections go. */
export function collectPorts(text: string, previous: readonly PortPair[] = []): readonly PortPair[] {
  const [first = "", second = first, ...rest] = text.split(":");
  if (rest.length > 0 || ![first, second].every((port) => /^\d+$/.test(port)))
    throw new InvalidArgumentError("a port, or two as HOST:SANDBOX, is wanted.");
  return [...previous, { hostPort: parsePort(first), sandboxPort: parsePort(second) }];
}

export function parseUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || !["http:", "https:"].includes(url.protocol))
    throw new InvalidArgumentError("an http or https URL is wanted.");
  return text;
}

/** A day as `YYYY-MM-DD`, or a moment with its time zone: as epoch milliseconds. A day begins in UTC, as days are counted. */
export function parseDate(text: string): number {
  const hasForm = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2}))?$/.test(text);
  const value = hasForm ? Date.parse(text) : Number.NaN;
  // The 30th of February is parsed as a day of March.
  const isDay = new Date(Date.parse(`${text.slice(0, 10)}T00:00:00Z`) || 0).toISOString().startsWith(text.slice(0, 10));
  if (Number.isNaN(value) || !isDay) throw new InvalidArgumentError("a date such as 2026-01-31 is wanted.");
  return value;
}

/** @throws {CliError} `usage` naming the first entry that is not `NAME=value`. */
export function parseVariables(entries: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    entries.map((entry) => {
      const at = entry.indexOf("=");
      if (at < 1) throw new CliError("usage", `not NAME=value: ${JSON.stringify(entry)}`);
      return [entry.slice(0, at), entry.slice(at + 1)];
    }),
  );
}
