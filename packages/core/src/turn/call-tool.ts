import type { ToolCallResult } from "../store/tool-call-record.ts";
import type { CallAssessment, Tool, ToolResult } from "../tools/tool.ts";
import { decideCall } from "../trust/decide-call.ts";
import type { Decision } from "../trust/decision.ts";
import { guardByRules } from "../trust/match-rule.ts";
import { abortable } from "./abortable.ts";
import { boundText, maxResultChars } from "./bound-text.ts";
import type { TurnContext } from "./turn-context.ts";
import { toEffectKey } from "./turn-keys.ts";

/** A call that can run: its tool, the one canonical input, and what it would do. */
export interface PreparedCall {
  readonly callId: string;
  readonly tool: Tool;
  readonly input: unknown;
  readonly assessment: CallAssessment;
}

/** How long an aborted tool may take to say how far it came, out of the 100 ms in which a turn ends. */
const graceMs = 40;

/** Judges a call by the mode, rules and files of this moment. */
export function judgeCall(turn: TurnContext, call: PreparedCall): Decision {
  return decideCall({
    toolName: call.tool.name,
    assessment: call.assessment,
    mode: turn.trust.mode(),
    enforcement: turn.runner.enforcement,
    rules: turn.trust.rules(),
    projectRoot: turn.projectRoot,
    ownedFiles: turn.files.owned(),
    pathGuard: turn.pathGuard,
  });
}

/** Runs a call that was allowed, between its journal entries. Every outcome is a value, an abort too. */
export async function callTool(turn: TurnContext, call: PreparedCall): Promise<ToolCallResult> {
  if (turn.signal.aborted) return { outcome: "cancelled", text: neverRunNote, changes: [], durationMs: 0 };
  const startedAtMs = turn.effects.now();
  const finish = (result: Omit<ToolCallResult, "durationMs">): ToolCallResult => {
    const text = boundText(result.text, maxResultChars);
    return { ...result, text, durationMs: Math.max(0, turn.effects.now() - startedAtMs) };
  };
  turn.transcript.startCall(call.callId);
  const ownedBefore = [...turn.files.owned()].join("\0");
  try {
    const result = await settle(turn, call);
    const outcome = result.isError ? (turn.signal.aborted ? "cancelled" : "error") : "ok";
    return finish({ outcome, text: result.text, changes: result.changes ?? [] });
  } catch (error) {
    if (turn.signal.aborted) return finish({ outcome: "cancelled", text: cancelledNote, changes: [] });
    const message = error instanceof Error ? error.message : String(error);
    return finish({ outcome: "error", text: `${call.tool.name} failed unexpectedly: ${message}`, changes: [] });
  } finally {
    const owned = [...turn.files.owned()];
    if (owned.join("\0") !== ownedBefore) turn.transcript.writeOwnedFiles(owned);
  }
}

async function settle(turn: TurnContext, call: PreparedCall): Promise<ToolResult> {
  let isOver = false;
  const key = toEffectKey(turn, call.callId);
  const work = turn.effects.run(key, async () =>
    call.tool.execute(call.input, {
      callId: call.callId,
      assessment: call.assessment,
      projectRoot: turn.projectRoot,
      mode: turn.trust.mode(),
      runner: turn.runner,
      pathGuard: guardByRules(turn.pathGuard, {
        rules: turn.trust.rules(),
        toolName: call.tool.name,
        projectRoot: turn.projectRoot,
      }),
      files: turn.files,
      signal: turn.signal,
      onOutput: (text) => {
        if (!isOver) turn.emit({ type: "tool-output", callId: call.callId, text });
      },
    }),
  );
  turn.keepStraggler(work);
  try {
    return await abortable(work, turn.signal);
  } catch (error) {
    if (!turn.signal.aborted) throw error;
    return await waitBriefly(turn, key, work);
  } finally {
    isOver = true;
  }
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
