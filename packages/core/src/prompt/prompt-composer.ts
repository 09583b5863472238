import { createHash } from "node:crypto";
import { composePrompt } from "./compose-prompt.ts";
import type { PromptContribution } from "./prompt-contribution.ts";
import type { ProjectContext } from "./read-project-context.ts";
import { RecentlyBuilt } from "./recently-built.ts";

/** More than one, so that two sets of contributions that take turns do not push each other out. */
const maxKept = 4;

/**
 * Remembers the last few system prompts by what they were made of: while that is equal, the very same string comes
 * back.
 */
export class PromptComposer {
  readonly #staticPrompt: string;
  readonly #prompts = new RecentlyBuilt<string>(maxKept);

  constructor(staticPrompt: string) {
    this.#staticPrompt = staticPrompt;
  }

  compose(context: ProjectContext, contributions: readonly PromptContribution[] = []): string {
    return this.#prompts.getOrBuild(toRevision(context, contributions), () =>
      composePrompt(this.#staticPrompt, context, contributions),
    );
  }

  /** How many prompts were composed so far: it stands still while nothing changes. */
  get builds(): number {
    return this.#prompts.builds;
  }

  /** Harmless at any time: the next prompt is composed anew, and equal where its inputs are. */
  invalidate(): void {
    this.#prompts.clear();
  }
}

/** Made of the contents, not of counters: no change can be missed, and a long project context is not kept twice. */
function toRevision(context: ProjectContext, contributions: readonly PromptContribution[]): string {
  const pieces = contributions.map(({ slot, id, text, layer, mode }) => [slot, id, text, layer, mode]);
  return createHash("sha256")
    .update(JSON.stringify([context, pieces]))
    .digest("base64");
}
