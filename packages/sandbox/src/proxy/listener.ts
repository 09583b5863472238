import { chmodSync } from "node:fs";
import type { Server, Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { SandboxError } from "../errors.ts";
import { classifyAddress } from "../filter/address.ts";

export interface ListenOptions {
  /** Already listening, perhaps in another network namespace: its handle is taken over. */
  readonly server?: Server | undefined;
  /** A Unix socket to listen on, for this user only, instead of an address; its file goes with the listener. */
  readonly path?: string | undefined;
  /** Default 127.0.0.1. */
  readonly host?: string | undefined;
  /** Default 0: any free port. */
  readonly port?: number | undefined;
}

/** A listening server with the sockets of its clients. Disposing closes all and waits for them. */
export class Listener implements AsyncDisposable {
  /** IP address, or the path of a Unix socket. */
  readonly host: string;
  /** 0 for a Unix socket. */
  readonly port: number;
  readonly #server: Server;
  readonly #handedOver: Server | undefined;
  readonly #clients: Set<Socket>;
  #stopped: Promise<void> | undefined;

  /** @throws {SandboxError} `listen_failed`; the system's error is the cause. */
  static async open(server: Server, options: ListenOptions): Promise<Listener> {
    const clients = new Set<Socket>();
    server.on("connection", (socket: Socket) => {
      // A server that takes a socket back for its next request announces it again.
      if (clients.has(socket)) return;
      clients.add(socket);
      socket.once("close", () => clients.delete(socket));
    });
    await listen(server, options);
    // A connection that cannot be accepted (no descriptors left) is lost; the listener stays.
    server.on("error", () => undefined);
    return new Listener(server, options.server, clients);
  }

  private constructor(server: Server, handedOver: Server | undefined, clients: Set<Socket>) {
    const address = server.address();
    this.host = typeof address === "string" ? address : (address?.address ?? "");
    this.port = typeof address === "string" ? 0 : (address?.port ?? 0);
    this.#server = server;
    this.#handedOver = handedOver;
    this.#clients = clients;
  }

  /** Whether dialling this address would lead back here. A handed-over listener is not on this machine's network. */
  isSelf(address: string, port: number): boolean {
    if (this.#handedOver || port !== this.port) return false;
    return address === this.host || isWildcard(address) || (isWildcard(this.host) && isThisMachine(address));
  }

  /** Accepts no further client; those that are here stay. Resolves when the last one has left. */
  stop(): Promise<void> {
    this.#stopped ??= new Promise((resolve) => {
      this.#server.close(() => resolve());
      // Shares the handle that is closed by now; this tells its own listeners.
      this.#handedOver?.close();
    });
    return this.#stopped;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const stopped = this.stop();
    for (const socket of this.#clients) socket.destroy();
    await stopped;
  }
}

function listen(server: Server, options: ListenOptions): Promise<void> {
  const { server: handedOver, path, host = "127.0.0.1", port = 0 } = options;
  return new Promise((resolve, reject) => {
    const onError = (cause: Error): void => {
      const place = handedOver ? "the listener handed over" : (path ?? `${host}:${port}`);
      reject(new SandboxError("listen_failed", `cannot listen on ${place}: ${cause.message}`, { cause }));
    };
    const onListening = (): void => {
      server.off("error", onError);
      if (path !== undefined) chmodSync(path, 0o600);
      resolve();
    };
    server.once("error", onError);
    if (handedOver && !handedOver.listening) {
      onError(new Error("it is not listening"));
    } else if (handedOver) {
      server.listen(handedOver, onListening);
    } else {
      server.listen(path === undefined ? { host, port } : { path }, onListening);
    }
  });
}

function isThisMachine(address: string): boolean {
  if (classifyAddress(address) === "loopback") return true;
  return Object.values(networkInterfaces()).some((each) => each?.some((own) => own.address === address));
}

function isWildcard(address: string): boolean {
  return address === "0.0.0.0" || address === "::";
}
