import { z } from "zod";
import { CoreError } from "../errors.ts";
import { llmFailureCode } from "../ports/llm-failure-code.ts";
import type { ConnectionRecord } from "../store/connection-record.ts";
import type { Draft, Entry } from "../store/entry.ts";
import { entryContentSchema } from "../store/entry-schema.ts";
import type { InputRecord } from "../store/input-store.ts";
import type { AuditRecord, UsageRecord } from "../store/ledger-store.ts";
import type { SessionRecord } from "../store/session-record.ts";
import type { TaskItem } from "../store/task-store.ts";
import type { ToolCallRecord } from "../store/tool-call-record.ts";

/**
 * One session as JSON lines: `session` first, `end` last, between them one object per line in the order in which they
 * have to be put back. Fields and line types are only ever added within a version.
 */
export const transferVersion: 1 = 1;

/**
 * One line of an exported session.
 *
 * @throws {CoreError} `bad_import` naming the line and what is wrong with it.
 */
export function parseSessionLine(text: string, number: number): SessionLine {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new CoreError("bad_import", `line ${number} is not JSON`, { cause });
  }
  const line = sessionLine.safeParse(value);
  if (line.success) return line.data;
  throw new CoreError("bad_import", `line ${number} is no line of a session: ${z.prettifyError(line.error)}`);
}

const count = z.int().nonnegative();
/** What a date can be (ECMA-262, Time Values). */
const timeMs = z.int().nonnegative().max(8_640_000_000_000_000);

const decision = z.object({ kind: z.enum(["run", "ask", "block"]), reason: z.string() });

const result = z.object({
  outcome: z.enum(["ok", "error", "blocked", "rejected", "cancelled"]),
  text: z.string(),
  changes: z.array(
    z.object({
      path: z.string(),
      kind: z.enum(["created", "changed", "deleted"]),
      addedLines: count,
      removedLines: count,
    }),
  ),
  durationMs: z.number().nonnegative(),
  origin: z.enum(["koda", "workspace", "command", "external"]),
  fullTextHash: z.string().nullable(),
});

const call: z.ZodType<ToolCallRecord> = z.object({
  callId: z.string(),
  entryId: z.string(),
  name: z.string(),
  state: z.enum(["requested", "decided", "started", "finished"]),
  decision: decision.nullable(),
  attempts: count,
  result: result.nullable(),
});

const session = z.object({
  id: z.string(),
  projectRoot: z.string(),
  title: z.string().nullable(),
  providerId: z.string(),
  model: z.string(),
  mode: z.enum(["plan", "safe", "auto"]),
  state: z.enum(["unknown", "active", "paused", "completed", "error"]),
  stateReason: z.object({ code: z.string(), text: z.string() }).nullable(),
  parentId: z.string().nullable(),
  leafId: z.string().nullable(),
  turnCount: count,
  createdAtMs: timeMs,
  updatedAtMs: timeMs,
});

const entry: z.ZodType<Entry> = z.object({
  id: z.string(),
  sessionId: z.string(),
  parentId: z.string().nullable(),
  turnId: z.string(),
  createdAtMs: timeMs,
  content: entryContentSchema,
});

const connection: z.ZodType<ConnectionRecord> = z.object({
  type: z.literal("connection"),
  callId: z.string().nullable(),
  protocol: z.enum(["http-connect", "http", "socks5", "host-port", "publish"]),
  host: z.string(),
  port: z.int(),
  address: z.string().nullable(),
  verdict: z.enum(["allowed", "refused", "failed"]),
  rule: z.string().nullable(),
  reason: z.string(),
  bytesUp: count,
  bytesDown: count,
  durationMs: z.number().nonnegative(),
});

const usage: z.ZodType<UsageRecord> = z.object({
  turnId: z.string(),
  label: z.string(),
  providerId: z.string(),
  model: z.string(),
  step: count,
  attempt: count,
  outcome: z.enum(["finished", "failed", "aborted"]),
  failureCode: llmFailureCode.nullable(),
  retryAfterMs: z.number().nullable(),
  costMicros: z.number().nullable(),
  durationMs: z.number(),
  createdAtMs: timeMs,
  inputTokens: count,
  outputTokens: count,
  cacheReadTokens: count,
  cacheWriteTokens: count.optional(),
  thinkingTokens: count,
});

const task = z.object({
  id: z.string(),
  text: z.string(),
  status: z.enum(["pending", "in-progress", "completed", "cancelled"]),
  priority: z.enum(["high", "medium", "low"]),
});

const audit = z.object({
  kind: z.string(),
  severity: z.enum(["info", "warning", "critical"]),
  action: z.string(),
  text: z.string(),
  createdAtMs: timeMs,
});

const sessionLine: z.ZodType<SessionLine> = z.discriminatedUnion("type", [
  z.object({ type: z.literal("session"), version: z.literal(transferVersion), session }),
  /** Bytes that results refer to. */
  z.object({ type: z.literal("blob"), base64: z.base64() }),
  z.object({ type: z.literal("entry"), entry }),
  z.object({ type: z.literal("call"), call }),
  z.object({ type: z.literal("draft"), turnId: z.string(), text: z.string(), thinking: z.string() }),
  z.object({ type: z.literal("usage"), usage }),
  z.object({ type: z.literal("connection"), connection }),
  z.object({ type: z.literal("owned-files"), paths: z.array(z.string()) }),
  z.object({ type: z.literal("tasks"), tasks: z.array(task) }),
  z.object({ type: z.literal("audit"), audit }),
  /** Said, and not part of the conversation yet. */
  z.object({
    type: z.literal("input"),
    id: z.string(),
    text: z.string(),
    boundary: z.enum(["this-turn", "next-turn"]),
    createdAtMs: timeMs,
  }),
  /** What a session keeps of how its model is asked. */
  z.object({ type: z.literal("value"), name: z.enum(["blanked-results", "thinking"]), json: z.string() }),
  /** `lines`: how many there are, this one included. What has no such end was cut off. */
  z.object({ type: z.literal("end"), lines: count }),
]);

export type SessionLine =
  | { readonly type: "session"; readonly version: 1; readonly session: Omit<SessionRecord, "fence"> }
  | { readonly type: "blob"; readonly base64: string }
  | { readonly type: "entry"; readonly entry: Entry }
  | { readonly type: "call"; readonly call: ToolCallRecord }
  | ({ readonly type: "draft" } & Draft)
  | { readonly type: "usage"; readonly usage: UsageRecord }
  | { readonly type: "connection"; readonly connection: ConnectionRecord }
  | { readonly type: "owned-files"; readonly paths: readonly string[] }
  | { readonly type: "tasks"; readonly tasks: readonly TaskItem[] }
  | { readonly type: "audit"; readonly audit: AuditRecord }
  | ({ readonly type: "input" } & Pick<InputRecord, "id" | "text" | "boundary" | "createdAtMs">)
  | { readonly type: "value"; readonly name: "blanked-results" | "thinking"; readonly json: string }
  | { readonly type: "end"; readonly lines: number };
