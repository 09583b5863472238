import type { HookedInput } from "../hooks/hook-payload.ts";
import type { HookVerdict } from "../hooks/run-guards.ts";
import type { ToolCallResult } from "../store/tool-call-record.ts";
import { judgeCall, type PreparedCall } from "./judge-call.ts";
import { prepareInput } from "./prepare-call.ts";
import type { TurnContext } from "./turn-context.ts";
import { toUnrun } from "./unrun-call.ts";

type Hooked =
  /** The call to go on with: another one when a hook has changed its input. */
  | { readonly kind: "go-on"; readonly call: PreparedCall }
  | { readonly kind: "blocked"; readonly result: ToolCallResult };

/** Asks the hooks about a call, before anyone else is. A changed input is validated and judged as the model's own is. */
export async function hookBefore(turn: TurnContext, call: PreparedCall): Promise<Hooked> {
  if (!turn.hooks.hears("before-tool")) return { kind: "go-on", call };
  let current = call;
  const judge = async (input: unknown): Promise<HookVerdict> => {
    const prepared = await prepareInput(turn, { callId: call.callId, tool: call.tool, input });
    if (prepared.kind === "invalid") return { kind: "block", reason: prepared.message };
    const verdict = judgeCall(turn, prepared.call);
    if (verdict.kind === "block") return { kind: "block", reason: verdict.reason };
    current = prepared.call;
    return { kind: verdict.kind, ...toHookedInput(prepared.call) };
  };
  const outcome = await turn.hooks.beforeTool(toPayload(turn, call), { signal: turn.signal, judge });
  if (outcome.kind === "go-on") return { kind: "go-on", call: outcome.isChanged ? current : call };
  return { kind: "blocked", result: toUnrun("blocked", `Blocked: ${outcome.reason}`) };
}

/** Tells the hooks what came of a call. They can change nothing any more. */
export async function hookAfter(turn: TurnContext, call: PreparedCall, result: ToolCallResult): Promise<void> {
  if (!turn.hooks.hears("after-tool")) return;
  const { outcome, text, changes, durationMs } = result;
  const told = { ...toPayload(turn, call), result: { outcome, text, changes }, durationMs };
  await turn.hooks.afterTool(told, { signal: turn.signal });
}

function toPayload({ sessionId, turnId, projectRoot }: TurnContext, call: PreparedCall) {
  return { sessionId, turnId, callId: call.callId, projectRoot, name: call.tool.name, ...toHookedInput(call) };
}

function toHookedInput({ tool, input, assessment }: PreparedCall): HookedInput {
  const { subject, paths } = assessment;
  return { input, subject, paths: paths.map(({ path }) => path), command: tool.name === "Bash" ? subject : null };
}
