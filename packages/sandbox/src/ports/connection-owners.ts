import type { Socket } from "node:net";
import { type CommandTree, findOwners, type SocketTest } from "./find-owner.ts";

/**
 * Says which running command is at the other end of a connection that was accepted inside a sandbox's network namespace. Questions that come
 * while others are looked up wait and are answered together; a connection is asked about once.
 */
export class ConnectionOwners {
  readonly #commands: () => readonly CommandTree[];
  readonly #known = new WeakMap<Socket, Promise<string | null>>();
  #waiting: Question[] = [];
  #isLooking = false;

  /** `commands` gives those that run at that time. */
  constructor(commands: () => readonly CommandTree[]) {
    this.#commands = commands;
  }

  /** Null when no running command holds it, when there are too many questions, or after 250 ms of looking. Never rejects. */
  ownerOf(client: Socket): Promise<string | null> {
    const known = this.#known.get(client);
    if (known !== undefined) return known;
    // What is the remote side for us is the local one for the command.
    const { remoteAddress, remotePort, localAddress, localPort } = client;
    const owner = this.#ask(
      (entry) =>
        entry.localPort === remotePort &&
        entry.remotePort === localPort &&
        entry.localAddress === remoteAddress &&
        entry.remoteAddress === localAddress,
    );
    this.#known.set(client, owner);
    return owner;
  }

  /** Who listens on a port. Null as above. Never rejects. */
  listenerOf(port: number): Promise<string | null> {
    return this.#ask((entry) => entry.isListening && entry.localPort === port);
  }

  #ask(test: SocketTest): Promise<string | null> {
    if (this.#waiting.length >= maxWaiting) return Promise.resolve(null);
    return new Promise((resolve) => {
      this.#waiting.push({ test, resolve });
      if (!this.#isLooking) void this.#look();
    });
  }

  async #look(): Promise<void> {
    this.#isLooking = true;
    while (this.#waiting.length > 0) {
      const asked = this.#waiting.splice(0);
      const tests = asked.map(({ test }) => test);
      const owners = await findOwners(tests, this.#commands(), limitMs).catch(() => []);
      for (const [index, { resolve }] of asked.entries()) resolve(owners[index] ?? null);
    }
    this.#isLooking = false;
  }
}

interface Question {
  readonly test: SocketTest;
  readonly resolve: (clientId: string | null) => void;
}

const maxWaiting = 512;
/** Trees of some hundred processes take a tenth of it. */
const limitMs = 250;
