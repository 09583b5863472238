import type { ToolEffect } from "../tools/tool-effect.ts";
import type { Decision } from "../trust/decision.ts";

/** What has come into the context. */
export interface OutsideText {
  /** The tools that brought text from outside since the turn began, or since a person agreed; the latest is last. */
  readonly external: readonly string[];
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
 * A server that is asked again reads nothing new in its own words, so those raise none of its calls, unless they give
 * orders. What is read-only stays as it is, and so does what is asked about or blocked already. A destructive call that runs is
 * one that a rule allows, or the deletion of what the session made itself.
 */
export function raiseDecision(
  decision: Decision,
  call: {
    readonly toolName: string;
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
  const other = external.findLast((toolName) => !isOfOneServer(toolName, call.toolName));
  return other === undefined ? decision : ask(`text from outside (${other}) was read in this turn`);
}

/** Tools of one server are named `server__tool`. */
function isOfOneServer(left: string, right: string): boolean {
  const end = left.indexOf("__");
  return end > 0 && right.startsWith(left.slice(0, end + 2)) && right.indexOf("__") === end;
}

function ask(why: string): Decision {
  return { kind: "ask", reason: `${why}, and may have asked for this call` };
}
