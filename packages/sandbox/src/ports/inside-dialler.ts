import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { defaultProxyLimits } from "../proxy/limits.ts";
import type { RelayBuffers } from "../proxy/relay-buffers.ts";
import { Wire } from "../proxy/wire.ts";
import { parseDialAnswer } from "./dial-answer.ts";
import { explainFailure } from "./explain-failure.ts";
import type { PortDial } from "./port-relay.ts";

export interface InsideDiallerOptions {
  /** Starts a program of this package inside, with an IPC channel. */
  readonly startHelper: (program: string, args: readonly string[]) => ChildProcess;
  readonly buffers: RelayBuffers;
}

/**
 * Connects to ports inside a sandbox, which only a process inside can. One helper does it for all of them; it is started by
 * {@link start} or the first connection, again when it was killed, and ended by {@link stop}: without a published port none is there.
 */
export class InsideDialler implements AsyncDisposable {
  readonly #options: InsideDiallerOptions;
  #helper: Helper | null = null;
  #lastId = 0;
  #isClosed = false;

  constructor(options: InsideDiallerOptions) {
    this.#options = options;
  }

  /** Resolves when connections can be made: the first one shall not wait for a program to start. Never rejects. */
  async start(): Promise<void> {
    await this.#current()?.ready;
  }

  /** Never rejects. */
  dial(port: number, signal: AbortSignal): Promise<PortDial> {
    const helper = this.#current();
    if (helper === null || signal.aborted) return Promise.resolve({ kind: "failed", reason: "the port was closed" });
    this.#lastId += 1;
    return helper.dial(this.#lastId, port, signal);
  }

  /** Ends the helper and waits until it is gone. A later connection starts another. */
  async stop(): Promise<void> {
    const helper = this.#helper;
    this.#helper = null;
    await helper?.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await this.stop();
  }

  #current(): Helper | null {
    if (this.#isClosed) return null;
    if (this.#helper === null || this.#helper.hasEnded) this.#helper = new Helper(this.#options);
    return this.#helper;
  }
}

/** One life of the helper. */
class Helper {
  readonly ready: Promise<void>;
  readonly #buffers: RelayBuffers;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  readonly #ended: Promise<unknown>;
  #hasEnded = false;

  constructor({ startHelper, buffers }: InsideDiallerOptions) {
    this.#buffers = buffers;
    this.#child = startHelper(dialProgram, [`${defaultProxyLimits.dialTimeoutMs}`]);
    this.#child.stderr?.resume(); // it says nothing; a full pipe would stop it
    this.#child.on("error", () => this.#onEnded());
    this.#ended = once(this.#child, "close").catch(() => null);
    this.#child.on("close", () => this.#onEnded());
    this.#child.on("disconnect", () => this.#onEnded());
    this.ready = new Promise((resolve) => {
      this.#child.once("message", () => resolve());
      this.#child.once("close", () => resolve());
      this.#child.once("error", () => resolve());
    });
    this.#child.on("message", (raw, handle) => this.#onMessage(raw, handle instanceof Socket ? handle : null));
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  dial(id: number, port: number, signal: AbortSignal): Promise<PortDial> {
    return new Promise((resolve) => {
      const onAbort = (): void =>
        this.#settle(id, { kind: "failed", reason: explainFailure(signal.reason, describe(port)) });
      signal.addEventListener("abort", onAbort, { once: true });
      this.#waiting.set(id, { port, resolve, done: () => signal.removeEventListener("abort", onAbort) });
      this.#child.send({ id, port }, (error) => {
        if (error) this.#onEnded();
      });
    });
  }

  async end(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }

  #onMessage(raw: unknown, socket: Socket | null): void {
    // Node reads it already; what it sends shall go on when it ends, and its errors are told by its close.
    socket?.on("error", () => undefined);
    if (socket) socket.allowHalfOpen = true;
    const message = parseDialAnswer(raw);
    const waiting = message !== null && "id" in message ? this.#waiting.get(message.id) : undefined;
    if (message?.kind === "connected" && waiting && socket) {
      socket.setNoDelay(true);
      const wire = Wire.of(socket, this.#buffers);
      this.#settle(message.id, { kind: "connected", wire, address: message.address });
      return;
    }
    socket?.destroy(); // nobody waits for it any more
    if (message?.kind !== "failed" || !waiting) return;
    const error = Object.assign(new Error(message.code), { code: message.code });
    this.#settle(message.id, { kind: "failed", reason: explainFailure(error, describe(waiting.port)) });
  }

  #onEnded(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#child.kill("SIGKILL"); // one that only closed its channel
    for (const id of [...this.#waiting.keys()]) {
      this.#settle(id, { kind: "failed", reason: "the helper inside the sandbox ended before it had connected" });
    }
  }

  #settle(id: number, outcome: PortDial): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.done();
    waiting?.resolve(outcome);
  }
}

interface Waiting {
  readonly port: number;
  readonly resolve: (outcome: PortDial) => void;
  readonly done: () => void;
}

const describe = (port: number): string => `port ${port} of the sandbox`;
const extension: string = import.meta.url.endsWith(".ts") ? "ts" : "js"; // sources in development, built files elsewhere
const dialProgram: string = fileURLToPath(new URL(`./dial-helper.${extension}`, import.meta.url));
