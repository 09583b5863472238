import type { ConnectionEvent } from "../../src/proxy/proxy-handle.ts";
import type { ConfinedResult } from "../../src/sandbox.ts";
import { HELLO, type Origin } from "./origin.ts";

/** Where a client is sent: an allowed host or a denied one, with the same site behind both. */
export interface Site {
  readonly host: string;
  /** `https://HOST:PORT` */
  readonly tls: string;
  /** `http://HOST:PORT` */
  readonly plain: string;
}

/** One client, and how to see that it reaches a host: the same script runs against an allowed and a denied one. */
export interface ClientCheck {
  /** As in the table of the README. */
  readonly name: string;
  /** Programs that must be installed. */
  readonly programs: readonly string[];
  /** Puts on the site what the client asks for. Absent: it asks for `hello.txt`. */
  readonly prepare?: ((origin: Origin) => unknown) | undefined;
  /** Read by bash in an empty directory. Prints `expected` and ends with 0 only where the host answered. */
  readonly script: (site: Site) => string;
  /** Default: what `hello.txt` says. */
  readonly expected?: string;
}

/** What one client did, sent to the allowed and to the denied host in turn. */
export interface CheckOutcome {
  readonly allowed: ConfinedResult;
  readonly denied: ConfinedResult;
  readonly events: readonly ConnectionEvent[];
}

/** The clients' runs are recorded under these ids. */
export const CALLS = { allowed: "sent-to-allowed", denied: "sent-to-denied" } as const;
export const HOSTS = { allowed: "allowed.test", denied: "denied.test" } as const;

/** Null when the client did what the table says; else what it did. */
export function explainFailure(check: ClientCheck, { allowed, denied, events }: CheckOutcome): string | null {
  const isRecorded = (kind: ConnectionEvent["kind"], to: "allowed" | "denied"): boolean =>
    events.some((event) => event.kind === kind && event.host === HOSTS[to] && event.clientId === CALLS[to]);
  const isTold = denied.violations.some(({ message }) => message.startsWith(`${HOSTS.denied}:`));
  const complaints = [
    allowed.exitCode === 0 ? "" : "it failed on the allowed host",
    allowed.output.includes(check.expected ?? HELLO) ? "" : "it did not print what the allowed host says",
    denied.exitCode === 0 ? "it succeeded on the denied host" : "",
    isRecorded("open", "allowed") ? "" : "no connection to the allowed host is recorded as it should be",
    isRecorded("refused", "denied") ? "" : "no refusal is recorded as it should be",
    isTold ? "" : "the refusal is no violation of the call",
    events.some(({ kind, host }) => kind === "open" && host !== HOSTS.allowed) ? "it reached another host" : "",
  ].filter((complaint) => complaint !== "");
  if (complaints.length === 0) return null;
  const connections = events.map(({ kind, clientId, host, port }) => `${kind} ${clientId} ${host}:${port}`);
  return [
    `${check.name}: ${complaints.join("; ")}`,
    `allowed: ${allowed.exitCode}\n${allowed.output}`,
    `denied: ${denied.exitCode}\n${denied.output}`,
    `connections:\n${connections.join("\n")}`,
  ].join("\n\n");
}
