import type { CommandTree } from "./find-owner.ts";

/** The commands of one sandbox that run now, and whose they are. */
export class RunningCommands {
  readonly #trees = new Set<CommandTree>();

  /** The latest first: it is the likeliest to have just connected. */
  trees(): readonly CommandTree[] {
    return [...this.#trees].reverse();
  }

  /** `pid` is of its first process; undefined when it did not start. Gives the function that takes it off the list. */
  add(pid: number | undefined, clientId: string): () => void {
    if (pid === undefined) return () => undefined;
    const tree = { pid, clientId };
    this.#trees.add(tree);
    return () => {
      this.#trees.delete(tree);
    };
  }
}
