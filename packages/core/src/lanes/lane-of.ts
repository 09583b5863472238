import type { LaneName } from "../events/engine-event.ts";
import type { Tool } from "../tools/tool.ts";
import type { ToolEffect } from "../tools/tool-effect.ts";

/** What is to run: a request to the model, or a call of a tool with the effect it was assessed to have. */
export type LaneWork =
  | { readonly kind: "model-request" }
  | { readonly kind: "tool-call"; readonly tool: Pick<Tool, "name" | "source">; readonly effect: ToolEffect };

/** Tools of ours that act on the conversation itself: none of them waits behind searches or commands. */
const controlTools: ReadonlySet<string> = new Set(["AskUser", "TodoWrite", "UpdatePlan"]);

/** The lane of a piece of work. A call that is not proved read-only is in `execute`, whatever its tool is. */
export function laneOf(work: LaneWork): LaneName {
  if (work.kind === "model-request") return "generate";
  if (work.tool.source !== "external" && controlTools.has(work.tool.name)) return "control";
  return work.effect === "read-only" ? "query" : "execute";
}
