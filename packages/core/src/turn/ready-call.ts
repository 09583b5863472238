import type { ModelToolCall } from "../ports/llm-provider.ts";
import { hookBefore, type ReadyCall } from "./hook-call.ts";
import { prepareCall } from "./prepare-call.ts";
import type { TurnContext } from "./turn-context.ts";

/** Validates and assesses a call, and asks the hooks about it: what they change is validated and assessed again. */
export async function readyCall(turn: TurnContext, requested: ModelToolCall): Promise<ReadyCall> {
  const prepared = await prepareCall(turn, requested);
  return prepared.kind === "invalid" ? prepared : await hookBefore(turn, prepared.call);
}
