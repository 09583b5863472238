import { composePrompt } from "./compose-prompt.ts";
import type { ProjectContext } from "./read-project-context.ts";

/** Remembers the last system prompt: while its inputs are equal, the very same string comes back. */
export class PromptComposer {
  readonly #staticPrompt: string;
  #revision = "";
  #prompt = "";

  constructor(staticPrompt: string) {
    this.#staticPrompt = staticPrompt;
  }

  compose(context: ProjectContext): string {
    const revision = JSON.stringify(context);
    if (revision !== this.#revision) {
      this.#prompt = composePrompt(this.#staticPrompt, context);
      this.#revision = revision;
    }
    return this.#prompt;
  }
}
