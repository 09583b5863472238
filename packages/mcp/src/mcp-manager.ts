import type { ServerConnection } from "./connect.ts";
import { McpError } from "./errors.ts";
import type { ServerConfig } from "./server-config.ts";
import type { SpawnServer } from "./server-process.ts";
import type { McpTool } from "./to-tool.ts";

export interface McpManagerOptions {
  /** Names are unique. Empty is fine, and costs nothing. */
  readonly servers: readonly ServerConfig[];
  readonly spawn: SpawnServer;
  /** How servers see us. Default `koda` `0.0.0`. */
  readonly client?: { readonly name: string; readonly version: string } | undefined;
  /** Aborts opening; afterwards it has no effect. */
  readonly signal?: AbortSignal | undefined;
}

export interface ServerStatus {
  readonly name: string;
  /** `failed`: it did not start, or has ended since; its tools then answer with an error. */
  readonly state: "ready" | "failed";
  /** Why it failed, or what went wrong since. Written by the server in part: escape it before showing. */
  readonly message?: string | undefined;
  readonly toolCount: number;
  /** Lines on its output that were no message. */
  readonly ignoredFrames: number;
}

/** Every configured server, its tools as plain values. Disposing ends them all and waits until they are gone. */
export class McpManager implements AsyncDisposable {
  #generation = 1;
  #tools: readonly McpTool[] | null = null;
  #slots: readonly Slot[] = [];

  private constructor() {}

  /**
   * Starts all servers at once and waits until each is ready or has failed; a failure is told by `status()` only.
   *
   * @throws {McpError} `duplicate_server` before anything starts; `signal.reason` when aborted, all servers gone.
   */
  static async open(options: McpManagerOptions): Promise<McpManager> {
    const { servers, spawn, client = { name: "koda", version: "0.0.0" } } = options;
    const signal = options.signal ?? new AbortController().signal;
    signal.throwIfAborted();
    const duplicate = servers.find(({ name }, index) => servers.findIndex((other) => other.name === name) < index);
    if (duplicate !== undefined) throw new McpError("duplicate_server", `two MCP servers named ${duplicate.name}`);
    const manager = new McpManager();
    if (servers.length === 0) return manager;
    const { connect } = await import("./connect.ts"); // loads the SDK, which only a user of MCP should pay for
    const onToolsChanged = (): void => manager.#forgetTools();
    manager.#slots = await Promise.all(
      servers.map((config) =>
        connect({ config, spawn, client, signal, onToolsChanged }).then(
          (connection): Slot => ({ name: config.name, connection }),
          (error: unknown): Slot => ({ name: config.name, connection: null, message: toMessage(error) }),
        ),
      ),
    );
    if (signal.aborted) {
      await manager[Symbol.asyncDispose]();
      throw signal.reason;
    }
    return manager;
  }

  /** Grows whenever `tools()` would answer differently. */
  get generation(): number {
    return this.#generation;
  }

  /** In the order of the configuration; the same array until `generation` grows. */
  tools(): readonly McpTool[] {
    this.#tools ??= Object.freeze(this.#slots.flatMap(({ connection }) => connection?.tools ?? []));
    return this.#tools;
  }

  /** What ready servers want a model to know, those that say nothing left out. */
  instructions(): readonly { readonly server: string; readonly text: string }[] {
    return this.#slots.flatMap(({ name, connection }) => {
      const text = connection?.exitReason === null ? connection.instructions : null;
      return text === null || text.trim() === "" ? [] : [{ server: name, text }];
    });
  }

  status(): readonly ServerStatus[] {
    return this.#slots.map(({ name, connection, message }) => {
      if (connection === null) return { name, state: "failed", message, toolCount: 0, ignoredFrames: 0 };
      const { tools, exitReason, refreshFailure, ignoredFrames } = connection;
      const trouble = exitReason ?? refreshFailure;
      return {
        name,
        state: exitReason === null ? "ready" : "failed",
        ...(trouble !== null && { message: trouble }),
        toolCount: tools.length,
        ignoredFrames,
      };
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#slots.map(({ connection }) => connection?.[Symbol.asyncDispose]()));
  }

  #forgetTools(): void {
    this.#tools = null;
    this.#generation += 1;
  }
}

interface Slot {
  readonly name: string;
  /** Null when it did not start; `message` says why. */
  readonly connection: ServerConnection | null;
  readonly message?: string | undefined;
}

function toMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
