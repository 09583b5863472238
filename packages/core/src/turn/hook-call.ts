import type { HookedInput } from "../hooks/hook-payload.ts";
import type { HookVerdict } from "../hooks/run-guards.ts";
import type { ToolCallResult } from "../store/tool-call-record.ts";
import { neverRunNote } from "./call-tool.ts";
import { judgeCall, type PreparedCall } from "./judge-call.ts";
import { prepareInput } from "./prepare-call.ts";
import type { TurnContext } from "./turn-context.ts";
import { toEffectKey } from "./turn-keys.ts";
import { toUnrun } from "./unrun-call.ts";

/** A call as it is to be judged, shown and run. */
export type ReadyCall =
  | { readonly kind: "ready"; readonly call: PreparedCall }
  /** A hook keeps it from running. */
  | { readonly kind: "refused"; readonly call: PreparedCall; readonly result: ToolCallResult }
  | { readonly kind: "invalid"; readonly input: unknown; readonly message: string };

/** Asks the hooks about a call, before anyone else is. A changed input is validated and judged as the model's own is. */
export async function hookBefore(turn: TurnContext, call: PreparedCall): Promise<ReadyCall> {
  if (!turn.hooks.hears("before-tool")) return { kind: "ready", call };
  const { signal, effects } = turn;
  const judge = async (input: unknown): Promise<HookVerdict> => {
    const prepared = await prepareInput(turn, { ...call, input });
    if (prepared.kind === "invalid") return { kind: "block", reason: prepared.message };
    const verdict = judgeCall(turn, prepared.call);
    if (verdict.kind === "block") return { kind: "block", reason: verdict.reason };
    return { kind: verdict.kind, ...toHookedInput(prepared.call) };
  };
  try {
    const key = toEffectKey(turn, call.callId, "before-tool", turn.transcript.calls.get(call.callId)?.attempts ?? 0);
    const outcome = await effects.run(key, () => turn.hooks.beforeTool(toPayload(turn, call), { signal, judge }));
    if (outcome.kind === "block") {
      return { kind: "refused", call, result: toUnrun("blocked", `Blocked: ${turn.guard.redact(outcome.reason)}`) };
    }
    return outcome.isChanged ? await prepareInput(turn, { ...call, input: outcome.input }) : { kind: "ready", call };
  } catch (error) {
    if (!signal.aborted) throw error;
    return { kind: "refused", call, result: toUnrun("cancelled", neverRunNote) };
  }
}

/** Tells the hooks what came of a call. They can change nothing any more. */
export async function hookAfter(turn: TurnContext, call: PreparedCall, result: ToolCallResult): Promise<void> {
  if (!turn.hooks.hears("after-tool")) return;
  const { outcome, text, changes, durationMs } = result;
  const told = { ...toPayload(turn, call), result: { outcome, text, changes }, durationMs };
  const key = toEffectKey(turn, call.callId, "after-tool", turn.transcript.calls.get(call.callId)?.attempts ?? 0);
  await turn.effects.run(key, async () => {
    await turn.hooks.afterTool(told, { signal: turn.signal });
    return null;
  });
}

function toPayload({ sessionId, turnId, projectRoot }: TurnContext, call: PreparedCall) {
  return { sessionId, turnId, callId: call.callId, projectRoot, name: call.tool.name, ...toHookedInput(call) };
}

function toHookedInput({ tool, input, assessment }: PreparedCall): HookedInput {
  const { subject, paths } = assessment;
  return { input, subject, paths: paths.map(({ path }) => path), command: tool.name === "Bash" ? subject : null };
}
