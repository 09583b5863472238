import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { createFilter, type FilterRules } from "../../src/filter/filter.ts";
import { BuiltInProxy } from "../../src/proxy/built-in-proxy.ts";
import { BuiltInSocks5Proxy } from "../../src/proxy/built-in-socks5-proxy.ts";
import type { ConnectionEvent, ProxyHandle } from "../../src/proxy/proxy-handle.ts";
import type { ProxyOptions } from "../../src/proxy/proxy-options.ts";

/** A host of the tests: a TCP server on loopback with the sockets it has seen. */
export class Host implements AsyncDisposable {
  readonly sockets: Socket[] = [];
  readonly #server: Server;

  static async open(serve: (socket: Socket) => void, place: { host?: string } = {}): Promise<Host> {
    const host = new Host(serve);
    host.#server.listen({ host: place.host ?? "127.0.0.1", port: 0 });
    await once(host.#server, "listening");
    return host;
  }

  private constructor(serve: (socket: Socket) => void) {
    this.#server = createServer({ allowHalfOpen: true }, (socket) => {
      this.sockets.push(socket);
      socket.on("error", () => socket.destroy());
      serve(socket);
    });
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address ? address.port : 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }
}

/** Gives back what it receives, and ends when the other side has. */
export function echo(socket: Socket): void {
  socket.pipe(socket);
}

/** A client that writes bytes and reads what comes, with nothing between. */
export class RawClient implements Disposable {
  readonly socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #isEnded = false;

  static async open(proxy: Pick<ProxyHandle, "host" | "port">): Promise<RawClient> {
    // A Unix socket has no port, and its path stands in the host's place.
    const place = proxy.port === 0 ? { path: proxy.host } : { host: proxy.host, port: proxy.port };
    const socket = connect({ ...place, allowHalfOpen: true, noDelay: true });
    const client = new RawClient(socket);
    await once(socket, "connect");
    return client;
  }

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
    });
    const end = (): void => {
      this.#isEnded = true;
    };
    socket.on("error", end).on("end", end).on("close", end);
  }

  send(bytes: string | Uint8Array): this {
    this.socket.write(bytes);
    return this;
  }

  async sendSlowly(bytes: string | Uint8Array): Promise<void> {
    for (const byte of Buffer.from(bytes)) {
      this.socket.write(Buffer.of(byte));
      await sleep(1);
    }
  }

  /** Everything until the text has come up to and including `mark`; fails when the connection ends before. */
  async until(mark: string | RegExp): Promise<string> {
    return this.#take((text) => {
      const match = typeof mark === "string" ? text.indexOf(mark) : text.search(mark);
      if (match < 0) return -1;
      return match + (typeof mark === "string" ? mark.length : (mark.exec(text)?.[0].length ?? 0));
    });
  }

  async bytes(count: number): Promise<number[]> {
    return [...Buffer.from(await this.#take((text) => (text.length >= count ? count : -1)), "latin1")];
  }

  /** The head of one response, and its body by Content-Length. */
  async response(): Promise<{ status: number; head: string; body: string }> {
    const head = await this.until("\r\n\r\n");
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
    const body = length > 0 ? await this.#take((text) => (text.length >= length ? length : -1)) : "";
    return { status: Number(head.slice(9, 12)), head, body };
  }

  /** What comes until the proxy ends the connection. */
  async rest(): Promise<string> {
    while (!this.#isEnded) await sleep(2);
    return this.#received.toString("latin1");
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }

  async #take(endOf: (text: string) => number): Promise<string> {
    for (;;) {
      const end = endOf(this.#received.toString("latin1"));
      if (end >= 0) {
        const taken = this.#received.subarray(0, end).toString("latin1");
        this.#received = this.#received.subarray(end);
        return taken;
      }
      if (this.#isEnded) throw new Error(`ended after ${JSON.stringify(this.#received.toString("latin1"))}`);
      await sleep(1);
    }
  }
}

export interface Rig<Proxy extends ProxyHandle> extends AsyncDisposable {
  readonly proxy: Proxy;
  readonly events: ConnectionEvent[];
  /** Names that were resolved. */
  readonly resolved: string[];
}

type RigOptions = Partial<ProxyOptions> & { readonly rules?: FilterRules };

/** An HTTP proxy for which every name is 127.0.0.1, with what it told. */
export async function openHttpRig(options: RigOptions): Promise<Rig<BuiltInProxy>> {
  const resolved: string[] = [];
  return toRig(await BuiltInProxy.open(toProxyOptions(options, resolved)), resolved);
}

export async function openSocks5Rig(options: RigOptions): Promise<Rig<BuiltInSocks5Proxy>> {
  const resolved: string[] = [];
  return toRig(await BuiltInSocks5Proxy.open(toProxyOptions(options, resolved)), resolved);
}

/** Waits until something holds that the other end of a socket brings about. */
export async function eventually(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries += 1) {
    if (tries > 5_000) throw new Error("it never came to hold");
    await sleep(2);
  }
}

function toProxyOptions({ rules, ...options }: RigOptions, resolved: string[]): ProxyOptions {
  const resolveHost = async (name: string, signal: AbortSignal): Promise<readonly string[]> => {
    resolved.push(name);
    return (await options.resolveHost?.(name, signal)) ?? ["127.0.0.1"];
  };
  return { authentication: "none", filter: createFilter(rules ?? {}), ...options, resolveHost };
}

function toRig<Proxy extends ProxyHandle>(proxy: Proxy, resolved: string[]): Rig<Proxy> {
  const events: ConnectionEvent[] = [];
  proxy.subscribe((event) => events.push(event));
  return { proxy, events, resolved, [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose]() };
}
