import { type ChildProcess, spawn } from "node:child_process";
import { SandboxError } from "../errors.ts";
import { OutputRing } from "../output-ring.ts";
import { findFreePort, untilAccepting } from "./external-port.ts";
import type { ConnectionEvent, ProxyHandle, ProxyStats } from "./proxy-handle.ts";
import { toUrl } from "./to-url.ts";

export interface ExternalProxyOptions {
  /** The program and its arguments, started as they are: no shell. */
  readonly argv: readonly [string, ...string[]];
  /** The whole environment of the program; `KODA_PROXY_PORT`, the port to listen on, is added. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly protocol: ProxyHandle["protocol"];
  /** The IP address that the program listens on. Default 127.0.0.1. */
  readonly host?: string | undefined;
  /** Default 0: a port that is free now is picked. */
  readonly port?: number | undefined;
  readonly cwd?: string | undefined;
  /** How long the program may take until it accepts connections. Default 5,000. */
  readonly startTimeoutMs?: number | undefined;
  /** How long it has after SIGTERM before SIGKILL. Default 2,000. */
  readonly graceMs?: number | undefined;
  /** Aborting disposes the proxy. */
  readonly signal?: AbortSignal | undefined;
}

/** How a proxy program ended. */
export interface ExternalProxyExit {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The end of what it wrote to its standard error, printable. */
  readonly stderr: string;
}

/**
 * A proxy program of the user's own in place of a built-in one, with the same handle. It alone decides what it lets
 * through: no rule of Koda's applies to it (so it has no `setRules`), nothing is counted, and no event is ever told.
 *
 * Ends with its whole process group when disposed. It outlives a Koda that is killed before that.
 */
export class ExternalProxy implements ProxyHandle {
  readonly protocol: ProxyHandle["protocol"];
  readonly host: string;
  readonly port: number;
  /** Settles when the program has ended, whoever ended it; from then on the proxy is gone. Never rejects. */
  readonly exited: Promise<ExternalProxyExit>;
  readonly #child: ChildProcess;
  readonly #graceMs: number;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = (): void => void this[Symbol.asyncDispose]();
  #exit: ExternalProxyExit | null = null;
  #closing: Promise<void> | null = null;

  /**
   * Starts the program and waits until it accepts a connection.
   *
   * @throws {SandboxError} `external_proxy_failed` with the end of its standard error: it could not be started, ended,
   * did not accept in time, or something else listens on the port. Nothing is left running then. Rejects with
   * `signal.reason` when aborted.
   */
  static async open(options: ExternalProxyOptions): Promise<ExternalProxy> {
    const { host = "127.0.0.1", startTimeoutMs = 5_000, signal } = options;
    signal?.throwIfAborted();
    const port = await findFreePort(host, options.port ?? 0);
    signal?.throwIfAborted();
    const proxy = new ExternalProxy({ ...options, host, port });
    const hasEnded = (): boolean => proxy.#exit !== null || proxy.#closing !== null;
    const isUp = await untilAccepting({ host, port, timeoutMs: startTimeoutMs, hasEnded });
    const exit = proxy.#exit;
    if (isUp && exit === null && !signal?.aborted) return proxy;
    await proxy[Symbol.asyncDispose]();
    signal?.throwIfAborted();
    const why = exit === null ? `it did not listen on ${host}:${port} within ${startTimeoutMs} ms` : explainExit(exit);
    const { stderr } = await proxy.exited;
    const said = stderr === "" ? "" : `; it said: ${stderr}`;
    throw new SandboxError(
      "external_proxy_failed",
      `the proxy program ${options.argv[0]} did not start: ${why}${said}`,
    );
  }

  private constructor(options: ExternalProxyOptions & { readonly host: string; readonly port: number }) {
    this.protocol = options.protocol;
    this.host = options.host;
    this.port = options.port;
    this.#graceMs = options.graceMs ?? 2_000;
    this.#signal = options.signal;
    this.#child = start(options);
    this.exited = this.#watch();
    this.#signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  get url(): string {
    return toUrl(this.protocol === "http" ? "http" : "socks5h", this);
  }

  /** Not null once the program has ended. */
  get exit(): ExternalProxyExit | null {
    return this.#exit;
  }

  /** All zero: the program does not tell. */
  stats(): ProxyStats {
    return { active: 0, opened: 0, refused: 0, failed: 0, bytesUp: 0, bytesDown: 0 };
  }

  /** Empty: the program does not tell. */
  recentEvents(): readonly ConnectionEvent[] {
    return [];
  }

  /** Never fires: the program does not tell. */
  subscribe(): () => void {
    return () => undefined;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#signal?.removeEventListener("abort", this.#onAbort);
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#signalGroup("SIGTERM");
    const timer = setTimeout(() => this.#signalGroup("SIGKILL"), this.#graceMs);
    await this.exited;
    clearTimeout(timer);
  }

  #watch(): Promise<ExternalProxyExit> {
    const child = this.#child;
    const stderr = new OutputRing(maxStderrBytes);
    child.stderr?.setEncoding("utf8").on("data", (text: string) => stderr.append(text));
    return new Promise((resolve) => {
      const settle = (exitCode: number | null, signal: NodeJS.Signals | null): void => {
        this.#exit ??= { exitCode, signal, stderr: toPrintableText(stderr.text()) };
        resolve(this.#exit);
      };
      child.once("error", (error) => {
        stderr.append(error.message);
        if (child.pid === undefined) settle(null, null);
      });
      child.once("exit", (exitCode, signal) => {
        this.#signalGroup("SIGKILL"); // what the program left behind must not keep the port
        // What a survivor in another group could hold open is not waited for.
        const timer = setTimeout(() => child.stderr?.destroy(), 200);
        child.once("close", () => {
          clearTimeout(timer);
          settle(exitCode, signal);
        });
      });
    });
  }

  #signalGroup(signal: NodeJS.Signals): void {
    if (this.#child.pid === undefined || this.#exit !== null) return;
    try {
      process.kill(-this.#child.pid, signal);
    } catch {
      // The group is gone already.
    }
  }
}

function start({ argv, environment, cwd, port }: ExternalProxyOptions): ChildProcess {
  const [program, ...args] = argv;
  try {
    return spawn(program, args, {
      cwd,
      env: { ...environment, KODA_PROXY_PORT: String(port) },
      stdio: ["ignore", "ignore", "pipe"],
      detached: true, // a process group of its own, to be ended as one
    });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SandboxError("external_proxy_failed", `the proxy program could not be started: ${why}`, { cause });
  }
}

function explainExit({ exitCode, signal }: ExternalProxyExit): string {
  if (exitCode === null && signal === null) return "it could not be started";
  return signal === null ? `it ended with status ${exitCode}` : `it was ended by ${signal}`;
}

/** Nothing of it may act on the terminal that shows it. */
function toPrintableText(text: string): string {
  return text.trim().replace(/[^\P{C}\n\t]/gu, "?");
}

const maxStderrBytes = 4_096;
