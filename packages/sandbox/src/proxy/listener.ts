import { chmodSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { SandboxError } from "../errors.ts";
import { classifyAddress } from "../filter/address.ts";
import type { RelayBuffers } from "./relay-buffers.ts";
import { removeStaleSocket } from "./stale-socket.ts";
import { takeConnections } from "./take-connections.ts";
import { Wire } from "./wire.ts";

export interface ListenOptions {
  /** Already listening, perhaps in another network namespace: its handle is taken over. */
  readonly server?: Server | undefined;
  /**
   * A Unix socket to listen on, for this user only, instead of an address; its file goes with the listener, and one
   * that a killed listener left behind is replaced.
   */
  readonly path?: string | undefined;
  /** Default 127.0.0.1. */
  readonly host?: string | undefined;
  /** Default 0: any free port. */
  readonly port?: number | undefined;
}

/** What a proxy does with the clients of its listener. */
export interface Service {
  /** Serves one client. It may throw nothing. */
  serve(client: Wire): void;
  /** No further client comes: those that wait between two requests are let go. */
  stop(): void;
}

/** Listens and hands every client to a service. Disposing closes all and waits for them. */
export class Listener implements AsyncDisposable {
  /** IP address, or the path of a Unix socket. */
  readonly host: string;
  /** 0 for a Unix socket. */
  readonly port: number;
  readonly #server: Server;
  readonly #handedOver: Server | undefined;
  readonly #clients: Clients;
  readonly #service: Service;
  #stopped: Promise<void> | undefined;

  /** @throws {SandboxError} `listen_failed`; the system's error is the cause. */
  static async open(
    options: ListenOptions & { readonly maxConnections: number; readonly buffers: RelayBuffers },
    service: Service,
  ): Promise<Listener> {
    const clients = new Clients();
    const admit = (client: Wire): void => {
      if (clients.count >= options.maxConnections) {
        client.socket.destroy();
        return;
      }
      clients.add(client.socket);
      service.serve(client);
    };
    const { buffers } = options;
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (accepted) =>
      admit(Wire.of(accepted, buffers)),
    );
    await listen(server, options).catch(async (error: unknown) => {
      const isLeftBehind =
        isAddressInUse(error) && options.path !== undefined && (await removeStaleSocket(options.path));
      if (!isLeftBehind) throw error;
      await listen(server, options);
    });
    takeConnections(server, (handle) => admit(Wire.accept(handle, buffers)));
    // A connection that cannot be accepted (no descriptors left) is lost; the listener stays.
    server.on("error", () => undefined);
    return new Listener(server, options.server, clients, service);
  }

  private constructor(server: Server, handedOver: Server | undefined, clients: Clients, service: Service) {
    const address = server.address();
    this.host = typeof address === "string" ? address : (address?.address ?? "");
    this.port = typeof address === "string" ? 0 : (address?.port ?? 0);
    this.#server = server;
    this.#handedOver = handedOver;
    this.#clients = clients;
    this.#service = service;
  }

  /** Whether dialling this address would lead back here. A handed-over listener is not on this machine's network. */
  isSelf(address: string, port: number): boolean {
    if (this.#handedOver || port !== this.port) return false;
    return address === this.host || isWildcard(address) || (isWildcard(this.host) && isThisMachine(address));
  }

  /** Accepts no further client; those that are here stay. Resolves when the last one has left. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const stopped = this.stop();
    this.#clients.destroyAll();
    await stopped;
  }

  async #stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    // Shares the handle that is closed by now; this tells its own listeners.
    this.#handedOver?.close();
    this.#service.stop();
    await closed;
    await this.#clients.untilGone();
  }
}

/** The clients that are connected. */
class Clients {
  readonly #sockets = new Set<Socket>();
  #onGone: (() => void) | null = null;

  get count(): number {
    return this.#sockets.size;
  }

  add(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("close", () => {
      this.#sockets.delete(socket);
      if (this.#sockets.size === 0) this.#onGone?.();
    });
  }

  destroyAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async untilGone(): Promise<void> {
    if (this.#sockets.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#onGone = resolve;
    });
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
      try {
        if (path !== undefined) chmodSync(path, 0o600);
        resolve();
      } catch (error) {
        server.close();
        onError(error instanceof Error ? error : new Error(String(error)));
      }
    };
    server.once("error", onError);
    if (handedOver && !handedOver.listening) {
      onError(new Error("it is not listening"));
    } else if (handedOver) {
      server.listen(handedOver, onListening);
    } else {
      server.listen(path === undefined ? { host, port, backlog } : { path, backlog }, onListening);
    }
  });
}

function isAddressInUse(error: unknown): boolean {
  const cause = error instanceof SandboxError ? error.cause : null;
  return cause instanceof Error && "code" in cause && cause.code === "EADDRINUSE";
}

/** Connections that wait to be accepted: hundreds may come at once, and the system cuts it to what it allows. */
const backlog = 4_096;

function isThisMachine(address: string): boolean {
  if (classifyAddress(address) === "loopback") return true;
  return Object.values(networkInterfaces()).some((each) => each?.some((own) => own.address === address));
}

function isWildcard(address: string): boolean {
  return address === "0.0.0.0" || address === "::";
}
