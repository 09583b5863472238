import type { Socket } from "node:net";
import { findOwners, type SocketTest } from "./find-owner.ts";
import type { RunningCommands } from "./running-commands.ts";

/**
 * Says which running command is at the other end of a connection that was accepted inside a sandbox's network namespace. Nobody else can
 * connect there: while one client's commands run alone, nothing is looked up. Otherwise what comes while others are looked up
 * waits and is answered together; a connection is asked about once.
 */
export class ConnectionOwners {
  readonly #commands: RunningCommands;
  readonly #known = new WeakMap<Socket, Promise<string | null>>();
  #waiting: Question[] = [];
  #isLooking = false;

  constructor(commands: RunningCommands) {
    this.#commands = commands;
  }

  /** Null when no running command holds it, when there are too many questions, or after 250 ms of looking. Never rejects. */
  ownerOf(client: Socket): Promise<string | null> {
    const known = this.#known.get(client);
    if (known !== undefined) return known;
    // What is the remote side for us is the local one for the command.
    const { remoteAddress, remotePort, localAddress, localPort } = client;
    const sole = this.#commands.soleClient();
    const test: SocketTest = (entry) =>
      entry.localPort === remotePort &&
      entry.remotePort === localPort &&
      entry.localAddress === remoteAddress &&
      entry.remoteAddress === localAddress;
    const owner = sole === null ? this.#ask(test) : Promise.resolve(sole);
    this.#known.set(client, owner);
    return owner;
  }

  /** Who serves what is connected to 127.0.0.1 at a port, or to ::1. Null as above. Never rejects. */
  listenerOf(port: number): Promise<string | null> {
    return this.#ask(
      (entry) => entry.isListening && entry.localPort === port && servingAddresses.includes(entry.localAddress),
    );
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
      const owners = await findOwners(tests, this.#commands.trees(), limitMs).catch(() => []);
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
/** Any other of loopback (127.0.0.9) can be listened on too, but nothing that is published leads there. */
const servingAddresses: readonly string[] = ["127.0.0.1", "0.0.0.0", "::1", "::"];
/** The tables take 5 ms each on a machine of 32 GB, whose kernel keeps many buckets; trees of a hundred processes take as much. */
const limitMs = 250;
