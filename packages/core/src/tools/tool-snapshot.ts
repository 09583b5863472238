import type { ToolDefinition } from "../ports/llm-provider.ts";
import type { PromptContribution } from "../prompt/prompt-contribution.ts";
import type { Tool } from "./tool.ts";

/** The tools of one turn. It never changes: what changes meanwhile is in the next one. */
export interface ToolSnapshot {
  /** Equal for snapshots of one build, and for no others of the same catalog. */
  readonly revision: string;
  /** What the model may call, in the order of `definitions`. */
  readonly names: readonly string[];
  /** Made at the first use; frozen. Schemas are read only now. */
  readonly definitions: readonly ToolDefinition[];
  /** What plugins and the overlay say to the model, from the same build as the tools. */
  readonly contributions: readonly PromptContribution[];
  /** Those of them that are said when only tools of these names are there: not what is about others alone. */
  contributionsWith(names: ReadonlySet<string>): readonly PromptContribution[];
  /** Names that are not offered: in use already, reserved for tools of Koda's, or not made of `[A-Za-z0-9_-]`, at most 64. */
  readonly refused: readonly string[];
  /** By its exact name, else by the name that `name` is a common spelling of. Null when there is none. */
  find(name: string): Tool | null;
}
