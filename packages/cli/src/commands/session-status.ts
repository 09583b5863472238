import {
  createInProcessEffects,
  findUnfinishedTurn,
  isLeaseOwnerAlive,
  loadView,
  type PendingTask,
  pendingExternalTasks,
  type SessionRecord,
  type Store,
  type ToolMetrics,
  type UsageTotals,
  viewChars,
  type WaitRecord,
} from "@koda/core";
import type { Io } from "../io.ts";
import { toDollars } from "../render/dollars.ts";
import { escapeLine } from "../render/escape-text.ts";
import type { Paint } from "../render/paint.ts";
import { toJsonLine } from "../render/to-json-line.ts";

/** `koda sessions status`: how a session is, as far as its record tells. It may be open in another process meanwhile. */
export function showStatus(
  store: Store,
  {
    record,
    isJson,
    paint,
    io,
  }: { readonly record: SessionRecord; readonly isJson: boolean; readonly paint: Paint; readonly io: Io },
): void {
  const status = readStatus(store, record);
  io.stdout.write(isJson ? toJsonLine(status) : toText(status, paint));
}

/** Fields are added, never changed. */
interface SessionStatus {
  readonly session: SessionRecord;
  /** The process that has it open; null when none has. */
  readonly owner: { readonly pid: number } | null;
  readonly turns: number;
  /** The prompt of the turn that was left without its end, or runs now. */
  readonly unfinished: string | null;
  /** What the model was sent and said last, as its provider counted; null before the first turn. */
  readonly context: { readonly usedTokens: number; readonly model: string; readonly atMs: number } | null;
  readonly questions: readonly Pick<WaitRecord, "key" | "kind" | "callId" | "createdAtMs" | "deadlineMs">[];
  readonly inputs: readonly { readonly id: string; readonly text: string }[];
  /** Calls that somebody outside is to end. */
  readonly tasks: readonly PendingTask[];
  /** Without the sessions that it opened. */
  readonly usage: UsageTotals;
  readonly tools: readonly ToolMetrics[];
}

function readStatus(store: Store, session: SessionRecord): SessionStatus {
  const { id, leafId } = session;
  const effects = createInProcessEffects();
  const nowMs = effects.now();
  const owner = store.readLease(id);
  const isOpen = owner !== null && isLeaseOwnerAlive(() => nowMs)(owner);
  const { entries } = loadView(store, leafId, { maxChars: viewChars(0) });
  const waits = store.listWaits(id, { state: "open", nowMs });
  return {
    session,
    owner: isOpen ? { pid: owner.pid } : null,
    turns: session.turnCount,
    unfinished: findUnfinishedTurn(entries, (entryId) => store.readEntry(entryId))?.prompt ?? null,
    context: readContext(store, id),
    questions: waits
      .filter(({ kind }) => kind !== "external")
      .map(({ key, kind, callId, createdAtMs, deadlineMs }) => ({ key, kind, callId, createdAtMs, deadlineMs })),
    inputs: store.waitingInputs(id).map(({ id: inputId, text }) => ({ id: inputId, text })),
    tasks: pendingExternalTasks(store, { sessionId: id, nowMs }),
    usage: store.readUsage(id),
    tools: store.readToolMetrics(id),
  };
}

/** Thinking is not sent again, so it takes no room. */
function readContext(store: Store, id: string): SessionStatus["context"] {
  const last = store.listUsage(id).findLast(({ label, inputTokens }) => label === "turn" && inputTokens > 0);
  if (last === undefined) return null;
  const usedTokens = last.inputTokens + Math.max(0, last.outputTokens - last.thinkingTokens);
  return { usedTokens, model: last.model, atMs: last.createdAtMs };
}

function toText(status: SessionStatus, paint: Paint): string {
  const { session, owner, turns, unfinished, context, questions, inputs, tasks, usage, tools } = status;
  const { state, stateReason } = session;
  const where = owner === null ? "" : `, open in process ${owner.pid}`;
  const why = stateReason === null ? "" : `: ${stateReason.code}: ${stateReason.text}`;
  const lines: readonly (readonly [string, string])[] = [
    ["session", `${session.id}  ${session.title ?? ""}`],
    ["state", `${state}${why}${where}`],
    ["model", `${session.providerId} ${session.model}, mode ${session.mode}`],
    ["turns", String(turns)],
    ...(unfinished === null ? [] : [[owner === null ? "unfinished" : "running", unfinished] as const]),
    ["context", context === null ? "empty" : `${context.usedTokens} tokens at the last request`],
    ...questions.map(({ kind, key }) => ["open", `${kind} ${key.slice(key.lastIndexOf("/") + 1)}`] as const),
    ...inputs.map(({ text }) => ["waiting", text] as const),
    ...tasks.map(
      ({ name, taskId, timeLeftMs }) =>
        ["outside", `${name} ${taskId}, ${Math.ceil(timeLeftMs / 1_000)} s left`] as const,
    ),
    ["used", toSums(usage)],
    ...tools.map((tool) => ["tool", toToolText(tool)] as const),
  ];
  return lines.map(([name, text]) => `${paint.dim(name.padEnd(11))} ${escapeLine(text)}\n`).join("");
}

function toSums({
  requests,
  inputTokens,
  cacheReadTokens,
  outputTokens,
  costMicros,
  unpricedRequests,
}: UsageTotals): string {
  const cost = `${toDollars(costMicros)}${costMicros !== null && unpricedRequests > 0 ? "+" : ""}`;
  return `${requests} requests, ${inputTokens} in (${cacheReadTokens} from cache), ${outputTokens} out, ${cost}`;
}

function toToolText({ name, calls, failed, refused, totalMs }: ToolMetrics): string {
  return [
    `${name}: ${calls} ${calls === 1 ? "call" : "calls"}`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(refused > 0 ? [`${refused} refused`] : []),
    `${totalMs} ms`,
  ].join(", ");
}
