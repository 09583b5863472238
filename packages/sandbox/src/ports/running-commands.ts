import type { CommandTree } from "./find-owner.ts";

/** The commands of one sandbox that run now, and whose they are. */
export class RunningCommands {
  readonly #trees = new Set<CommandTree>();
  readonly #ended = new Map<string, number>();

  /** The latest first: it is the likeliest to have just connected. */
  trees(): readonly CommandTree[] {
    return [...this.#trees].reverse();
  }

  /**
   * The only one whose commands run, or have run until a moment ago, so that a connection they had just made cannot be taken for another's. Null
   * when there are several, or none.
   */
  soleClient(): string | null {
    this.#forgetEnded();
    const clients = new Set([...this.#ended.keys(), ...[...this.#trees].map(({ clientId }) => clientId)]);
    const [only, ...others] = clients;
    return only === undefined || others.length > 0 ? null : only;
  }

  /** `pid` is of its first process; undefined when it did not start. Gives the function that takes it off the list. */
  add(pid: number | undefined, clientId: string): () => void {
    if (pid === undefined) return () => undefined;
    const tree = { pid, clientId };
    this.#trees.add(tree);
    return () => {
      this.#trees.delete(tree);
      this.#forgetEnded();
      this.#ended.set(clientId, performance.now());
    };
  }

  #forgetEnded(): void {
    const oldestMs = performance.now() - momentMs;
    for (const [clientId, endedMs] of this.#ended) if (endedMs < oldestMs) this.#ended.delete(clientId);
  }
}

/** What a command sent is read long before: it is here when the command ends. */
const momentMs = 1_000;
