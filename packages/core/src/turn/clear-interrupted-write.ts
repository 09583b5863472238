import { removeTemporaries } from "../files/temporary-file.ts";
import type { PreparedCall } from "./judge-call.ts";
import type { TurnContext } from "./turn-context.ts";
import { toCallKey } from "./turn-keys.ts";

/** Takes away the half-written files that a call may have left where it was to write, when its process died. */
export async function clearInterruptedWrite(turn: TurnContext, { callId, assessment }: PreparedCall): Promise<void> {
  const key = toCallKey(turn, callId);
  for (const { path, access } of assessment.paths) if (access === "write") await removeTemporaries(path, key);
}
