import { originOf } from "../guard/origin.ts";
import { laneOf } from "../lanes/lane-of.ts";
import type { ToolCallResult } from "../store/tool-call-record.ts";
import type { ToolContext, ToolResult } from "../tools/tool.ts";
import { guardByRules } from "../trust/match-rule.ts";
import { abortable } from "./abortable.ts";
import { boundText, maxResultChars, maxStoredChars } from "./bound-text.ts";
import type { PreparedCall } from "./judge-call.ts";
import type { TurnContext } from "./turn-context.ts";
import { toCallKey, toEffectKey } from "./turn-keys.ts";
import { toUnrun } from "./unrun-call.ts";

/** What is told of a call, and what is kept of it. */
export interface CallOutcome extends ToolCallResult {
  /** Of a command, null when a signal ended it; told, not kept. */
  readonly exitCode?: number | null | undefined;
}

/** How long an aborted tool may take to say how far it came, out of the 100 ms in which a turn ends. */
const graceMs = 40;

/**
 * Runs a call that was allowed, when its lane has room, between its journal entries: here, or wherever its lane's handler
 * says. Every outcome is a value, an abort too.
 */
export async function callTool(turn: TurnContext, call: PreparedCall): Promise<CallOutcome> {
  const { callId, tool, input, assessment } = call;
  const { signal } = turn;
  const lane = laneOf({ kind: "tool-call", tool, effect: assessment.effect });
  const isOutside = turn.lanes.getHandler(lane).mode === "external";
  const running = { startedAtMs: -1 };
  const finish = (result: Pick<CallOutcome, "outcome" | "text" | "changes" | "exitCode">): CallOutcome =>
    toResult(turn, call, { ...result, startedAtMs: running.startedAtMs });
  try {
    const result = await turn.lanes.run<ToolResult>({
      lane,
      name: tool.name,
      callId,
      signal,
      writePaths: toWritePaths(call),
      run: async ({ handler }) => {
        turn.transcript.startCall(callId);
        // Whoever has lost the session learns it here: the call is another process's to run.
        signal.throwIfAborted();
        running.startedAtMs = turn.effects.now();
        const execute = (): Promise<ToolResult> => settle(turn, call);
        return await turn.tasks.run(
          // Told, and kept in the store: whoever runs it elsewhere is given no secret either.
          { callId, lane, name: tool.name, input: turn.guard.redactValue(input) },
          { handler, turnId: turn.turnId, signal, execute },
        );
      },
      // A test run that fails is an answer; a call that came back from nowhere is not.
      failureOf: (failed) => (isOutside && failed.isError ? turn.guard.redact(failed.text) : null),
    });
    const outcome = result.isError ? (signal.aborted ? "cancelled" : "error") : "ok";
    const { text, changes = [], exitCode } = result;
    return finish({ outcome, text, changes, exitCode });
  } catch (error) {
    if (signal.aborted && running.startedAtMs < 0) return toUnrun("cancelled", neverRunNote);
    if (signal.aborted) return finish({ outcome: "cancelled", text: cancelledNote, changes: [] });
    const message = error instanceof Error ? error.message : String(error);
    return finish({ outcome: "error", text: `${tool.name} failed unexpectedly: ${message}`, changes: [] });
  }
}

/** Null is everything: what a command or somebody else's tool writes is not known before. */
function toWritePaths({ tool, assessment }: PreparedCall): readonly string[] | null {
  const { effect, paths } = assessment;
  if (effect === "read-only") return [];
  const writes = paths.filter(({ access }) => access === "write").map(({ path }) => path);
  return tool.name === "Bash" || writes.length === 0 ? null : writes;
}

function toResult(
  turn: TurnContext,
  { callId, tool, assessment }: PreparedCall,
  result: Pick<CallOutcome, "outcome" | "text" | "changes" | "exitCode"> & { readonly startedAtMs: number },
): CallOutcome {
  const { startedAtMs, outcome, changes, exitCode } = result;
  // Before it is cut: half a secret would not be known as one.
  const whole = boundText(turn.guard.redact(result.text), maxStoredChars);
  const text = boundText(whole, maxResultChars);
  const origin = originOf({ tool, hasConnected: turn.hasConnected(callId) });
  turn.guard.noteResult({ toolName: tool.name, origin, text: whole, commands: assessment.commands });
  return {
    outcome,
    text,
    changes,
    durationMs: Math.max(0, turn.effects.now() - startedAtMs),
    origin,
    ...(exitCode === undefined ? {} : { exitCode }),
    // What the bounded text leaves out is kept beside the record.
    fullTextHash: text.length < whole.length ? turn.transcript.writeBlob(Buffer.from(whole)) : null,
  };
}

async function settle(turn: TurnContext, call: PreparedCall): Promise<ToolResult> {
  let isOver = false;
  const key = toEffectKey(turn, call.callId);
  const live = turn.guard.stream();
  const tell = (text: string): void => {
    if (text !== "" && !isOver) turn.emit({ type: "tool-output", callId: call.callId, text });
  };
  const ownedBefore = [...turn.files.owned()].join("\0");
  const work = turn.effects.run(key, async () =>
    call.tool.execute(call.input, toToolContext(turn, call, { onOutput: (text) => tell(live.push(text)) })),
  );
  turn.keepStraggler(work);
  try {
    return await abortable(work, turn.signal);
  } catch (error) {
    if (!turn.signal.aborted) throw error;
    return await waitBriefly(turn, key, work);
  } finally {
    tell(live.flush());
    isOver = true;
    const owned = [...turn.files.owned()];
    if (owned.join("\0") !== ownedBefore) turn.transcript.writeOwnedFiles(owned);
  }
}

/** The least that any tool needs. */
function toToolContext(
  turn: TurnContext,
  { callId, assessment, tool }: PreparedCall,
  { onOutput }: { readonly onOutput: (text: string) => void },
): ToolContext {
  const { projectRoot, trust, runner, files, signal } = turn;
  return {
    callId,
    callKey: toCallKey(turn, callId),
    attempt: turn.transcript.calls.get(callId)?.attempts ?? 1,
    assessment,
    projectRoot,
    mode: trust.mode(),
    runner,
    pathGuard: guardByRules(turn.pathGuard, { rules: trust.rules(), toolName: tool.name, projectRoot }),
    files,
    signal,
    onOutput,
    values: turn.values,
    tasks: turn.taskList,
    plan: turn.plan ?? undefined,
  };
}

/** The tool's own word on how far it came, if it gives it at once. */
async function waitBriefly(turn: TurnContext, key: string, work: Promise<ToolResult>): Promise<ToolResult> {
  const stop = new AbortController();
  const tooLate = turn.effects.sleep(`${key}/grace`, graceMs, { signal: stop.signal }).then(() => {
    throw turn.signal.reason;
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    stop.abort();
  }
}

/** What the model reads of a call that a cancelled turn has kept from running. */
export const neverRunNote: string = "[This call was not run: the turn was cancelled before it started.]";
const cancelledNote = "[This call was cancelled while it ran: it may have happened in part.]";
