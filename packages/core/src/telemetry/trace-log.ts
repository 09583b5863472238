import { createHash } from "node:crypto";
import type { Listener } from "../events/broadcast.ts";
import type { EngineEvent } from "../events/engine-event.ts";

export interface TraceLogOptions {
  readonly sessionId: string;
  /**
   * `basic`: what happened, when and how much, in words of Koda's own; every text of a conversation, a tool or a file
   * is given by its length and the start of its SHA-256. `extended`: all events as they are, chunks of text too.
   */
  readonly level: "basic" | "extended";
  /** Takes one line of JSON, with its line break. When it throws, that line is lost and nothing else. */
  readonly write: (line: string) => void;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Writes what a session says as JSON lines, each with its time and session, to look at a bad turn afterwards. */
export function createTraceLog({ sessionId, level, write, now }: TraceLogOptions): Listener<EngineEvent> {
  return (event) => {
    if (level === "basic" && chunks.has(event.type)) return;
    try {
      const record = level === "basic" ? withoutTexts(event) : event;
      write(`${JSON.stringify({ atMs: now(), sessionId, ...record })}\n`);
    } catch {
      // A log that cannot be written must not disturb what it is about.
    }
  };
}

/** Only strings under these names stay: ids, and words of a fixed set. A field that is new is a digest until it is named here. */
const plainFields: ReadonlySet<string> = new Set([
  "type",
  "sessionId",
  "turnId",
  "callId",
  "requestId",
  "taskId",
  "inputId",
  "stepId",
  "name",
  "kind",
  "outcome",
  "code",
  "limit",
  "provider",
  "model",
  "mode",
  "enforcement",
  "label",
  "effect",
  "origin",
  "lane",
  "state",
  "status",
  "priority",
  "severity",
  "action",
  "verdict",
  "protocol",
  "step",
  "finishReason",
  "failureCode",
]);

const chunks: ReadonlySet<EngineEvent["type"]> = new Set(["text-delta", "thinking-delta", "tool-output"]);

function withoutTexts(event: EngineEvent): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(event).map(([name, value]) => [name, toPlain(name, value)]));
}

function toPlain(name: string, value: unknown): unknown {
  // Of what a tool is called with, the names are the model's too.
  if (name === "input") return toDigest(JSON.stringify(value) ?? "");
  if (typeof value === "string") return plainFields.has(name) ? value : toDigest(value);
  if (Array.isArray(value)) return value.map((item) => toPlain(name, item));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([field, inner]) => [field, toPlain(field, inner)]));
}

function toDigest(text: string): { readonly sha256: string; readonly length: number } {
  return { sha256: createHash("sha256").update(text).digest("hex").slice(0, 16), length: text.length };
}
