import type { ConfinedProcess, ProcessExit, StdioMode } from "./confined-process.ts";
import type { Filter } from "./filter/filter.ts";
import type { PortHandle, PortOptions } from "./ports/port-handle.ts";
import type { ConnectionListener, FilteringProxyHandle } from "./proxy/proxy-handle.ts";
import type { OutputChunk } from "./run-confined.ts";
import type { Violation } from "./violations.ts";

/** `kernel`: the kernel confines. `env-only`: only the proxies and the scrubbed environment do. `none`: not even a proxy runs. */
export type SandboxEnforcement = "kernel" | "env-only" | "none";

export interface SandboxWarning {
  readonly code:
    | "http_proxy_unavailable"
    | "socks5_proxy_unavailable"
    | "sandbox_unavailable"
    | "limit_unavailable"
    | "planted_by_killed_session"
    | "port_unavailable";
  readonly message: string;
}

/** Commands of one session, their proxies, and what they share: a private `/tmp`. Disposing ends every process and connection. */
export interface Sandbox extends AsyncDisposable {
  readonly enforcement: SandboxEnforcement;
  /** One plain sentence; where something is missing, with the command to type. */
  readonly enforcementReason: string;
  /** Null when it could not start: commands then run without it. Under `kernel` its port is one of the sandbox's own loopback. */
  readonly proxy: FilteringProxyHandle | null;
  readonly socks5Proxy: FilteringProxyHandle | null;
  readonly warnings: readonly SandboxWarning[];
  /** Ports that are open between this machine and the sandbox, oldest first. */
  readonly ports: readonly PortHandle[];
  /** Connections of both proxies and of all ports. Gives the function that ends the subscription. */
  subscribe(listener: ConnectionListener): () => void;
  /** New host rules for both proxies, at once. */
  setRules(filter: Filter): void;
  /**
   * Opens a port of this machine to commands: they find at their own 127.0.0.1 and ::1 what listens at this machine's 127.0.0.1 (or else
   * ::1), and need know no proxy. It is the user's own grant: no host rule is asked, and it lasts until the handle is disposed.
   *
   * @throws {SandboxError} `bad_port`; `listen_failed` when the port is taken inside, or privileged; `unsupported_platform` without
   * `kernel`, where commands share this machine's loopback anyway.
   */
  openHostPort(hostPort: number, options?: PortOptions): Promise<PortHandle>;
  /**
   * Opens a port of this machine, on 127.0.0.1 and never on another address, whose connections reach what listens at the sandbox's own
   * 127.0.0.1 (or else ::1). With 0 and a `sandboxPort`, any free one: the handle says which. Every user of this machine can connect.
   *
   * @throws {SandboxError} as `openHostPort`
   */
  publishPort(hostPort: number, options?: PortOptions): Promise<PortHandle>;
  /**
   * Runs one command to its end. Its whole process tree is gone when the promise settles.
   *
   * @throws {SandboxError} `spawn_failed`; rejects with the signal's reason when that aborts.
   */
  run(request: ConfinedRequest): Promise<ConfinedResult>;
  /**
   * The same in the background: a server, a watcher. It lives until it ends, is stopped, reaches its time limit, or the sandbox is disposed.
   *
   * @throws {SandboxError} `spawn_failed` at once for what no process can be given; later failures reject `ended`.
   */
  start(request: BackgroundRequest): BackgroundCommand;
  /** Starts a command that its caller talks to: an MCP server, a program on the user's terminal. Its `undone` says what was undone at its end. */
  spawn(request: ConfinedSpawn): ConfinedProcess;
}

interface CommandRequest {
  /** Program and arguments; never empty. No shell reads them. */
  readonly argv: readonly [string, ...string[]];
  /** Absent: the project. Gives no right to write there. */
  readonly cwd?: string | undefined;
  /** Connections are recorded under this id. */
  readonly clientId: string;
  /** True in Plan mode: nothing is writable but the private `/tmp`. */
  readonly isReadOnly: boolean;
  /** On top of the scrubbed environment; seen by the command only, never by what starts it. */
  readonly env?: Readonly<Record<string, string>> | undefined;
}

export interface ConfinedRequest extends CommandRequest {
  readonly timeoutMs: number;
  /** Bytes of output kept, head and tail. Absent: 64 KiB. */
  readonly maxOutputBytes?: number | undefined;
  /** Output as it arrives, all of it. One that throws is called again with the next piece. */
  readonly onOutput?: ((chunk: OutputChunk) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface BackgroundRequest extends Omit<ConfinedRequest, "timeoutMs"> {
  /** Absent: as long as the sandbox. */
  readonly timeoutMs?: number | undefined;
}

export interface BackgroundCommand {
  /** What it has printed so far, as in the result. */
  readonly output: { text(): string; readonly droppedBytes: number };
  /** Nobody has to await it. */
  readonly ended: Promise<ConfinedResult>;
  /** TERM to its whole process tree, and KILL to what is left after `graceMs` (default 1,000). Resolves when it is gone. */
  stop(graceMs?: number): Promise<void>;
}

export interface ConfinedResult extends ProcessExit {
  readonly isTimedOut: boolean;
  /** stdout and stderr as they came; where bytes were dropped between head and tail, a line says how many. */
  readonly output: string;
  readonly droppedBytes: number;
  readonly durationMs: number;
  readonly violations: readonly Violation[];
}

export interface ConfinedSpawn extends CommandRequest {
  /** stdin, stdout, stderr. Absent: three pipes. */
  readonly stdio?: readonly [StdioMode, StdioMode, StdioMode] | undefined;
}
