import { CoreError } from "../errors.ts";
import type { PromptContribution } from "../prompt/prompt-contribution.ts";
import type { Tool } from "./tool.ts";

/** Tools and texts that come and go together. Making one reads no file and asks no server: opening stays quick. */
export interface SessionPlugin {
  readonly id: string;
  readonly tools?: readonly Tool[] | undefined;
  readonly contributions?: readonly PromptContribution[] | undefined;
}

/** The plugins of one session, in the order in which they were added. */
export class SessionPlugins {
  readonly #plugins = new Map<string, SessionPlugin>();
  #revision = 0;

  /** Grows with every plugin that is added or removed. */
  get revision(): number {
    return this.#revision;
  }

  /**
   * The next turn has the plugin. The result removes it, its tools and its texts; calling it again does nothing.
   *
   * @throws {CoreError} `bad_option` when a plugin of that id is there.
   */
  add(plugin: SessionPlugin): () => void {
    if (this.#plugins.has(plugin.id)) {
      throw new CoreError("bad_option", `two plugins are named ${JSON.stringify(plugin.id)}`);
    }
    this.#plugins.set(plugin.id, plugin);
    this.#revision += 1;
    return () => {
      if (this.#plugins.get(plugin.id) !== plugin) return;
      this.#plugins.delete(plugin.id);
      this.#revision += 1;
    };
  }

  list(): readonly SessionPlugin[] {
    return [...this.#plugins.values()];
  }
}
