import type { ToolEffect } from "../tools/tool-effect.ts";
import type { Decision } from "../trust/decision.ts";

/** What has come into the context in this turn. */
export interface OutsideText {
  /** The tool that last brought text from outside; null: none has since the turn began, or since a person agreed. */
  readonly external: string | null;
  /** Where a text that gives orders came from, and what kind; null: none was seen. */
  readonly suspicious: { readonly isExternal: boolean; readonly what: string } | null;
}

/**
 * Makes a question of a call that would run, where text from outside may have asked for it. Text counts for the turn in
 * which it came in; orders from outside count until a person agrees to a call:
 *
 * | came in | remote action | destructive, change of files |
 * |---|---|---|
 * | text from outside | ask, unless a rule allows it | run |
 * | text from outside that gives orders | ask | ask |
 * | text of the workspace or a command that gives orders | ask, unless a rule allows it | run |
 *
 * What is read-only stays as it is, and so does what is asked about or blocked already. A destructive call that runs is
 * one that a rule allows, or the deletion of what the session made itself.
 */
export function raiseDecision(
  decision: Decision,
  call: {
    readonly effect: ToolEffect;
    /** A rule of the user's own lets it run, not the table of modes. */
    readonly isAllowedByRule: boolean;
    readonly seen: OutsideText;
  },
): Decision {
  const { external, suspicious } = call.seen;
  if (decision.kind !== "run" || call.effect === "read-only") return decision;
  if (suspicious?.isExternal) {
    return ask(`a text from outside that gives orders (${suspicious.what}) was read`);
  }
  if (call.effect !== "remote-action" || call.isAllowedByRule) return decision;
  if (suspicious !== null) return ask(`a text that gives orders (${suspicious.what}) was read in this turn`);
  if (external !== null) return ask(`text from outside (${external}) was read in this turn`);
  return decision;
}

function ask(why: string): Decision {
  return { kind: "ask", reason: `${why}, and may have asked for this call` };
}
