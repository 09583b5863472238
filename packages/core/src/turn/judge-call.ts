import type { CallAssessment, Tool } from "../tools/tool.ts";
import { decideCall } from "../trust/decide-call.ts";
import type { Decision } from "../trust/decision.ts";
import type { TurnContext } from "./turn-context.ts";

/** A call that can run: its tool, the one canonical input, and what it would do. */
export interface PreparedCall {
  readonly callId: string;
  readonly tool: Tool;
  readonly input: unknown;
  readonly assessment: CallAssessment;
}

/**
 * Judges a call by the mode, rules and files of this moment, and by what has come into the context: the guard may make
 * the decision stricter, never looser.
 */
export function judgeCall(turn: TurnContext, { tool, input, assessment }: PreparedCall): Decision {
  const question = {
    toolName: tool.name,
    assessment,
    mode: turn.trust.mode(),
    enforcement: turn.runner.enforcement,
    rules: turn.trust.rules(),
    projectRoot: turn.projectRoot,
    ownedFiles: turn.files.owned(),
    pathGuard: turn.pathGuard,
  };
  const decision = decideCall(question);
  const { effect, subject } = assessment;
  const command = tool.name === "Bash" ? subject : null;
  return turn.guard.judgeCall({
    toolName: tool.name,
    source: tool.source,
    input,
    command,
    effect,
    decision,
    isAllowedByRule: decision.isByRule === true,
  });
}
