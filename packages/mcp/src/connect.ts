import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { ErrorCode, McpError as RpcError, ToolListChangedNotificationSchema } from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";
import { ProcessTransport } from "./process-transport.ts";
import type { ServerConfig } from "./server-config.ts";
import type { SpawnServer } from "./server-process.ts";
import { bounded, callResult, type McpToolResult, toResult } from "./to-result.ts";
import { type McpTool, toTools } from "./to-tool.ts";

export interface ConnectOptions {
  readonly config: ServerConfig;
  readonly spawn: SpawnServer;
  readonly client: { readonly name: string; readonly version: string };
  readonly signal: AbortSignal;
  /** The tools of the connection are others than before. */
  readonly onToolsChanged: () => void;
}

/**
 * Starts one server, shakes hands and reads its tools, within its start-up limit.
 * Rejects with an error that says why in words, the server gone again; with `signal.reason` when aborted.
 */
export async function connect(options: ConnectOptions): Promise<ServerConnection> {
  const { config, signal } = options;
  signal.throwIfAborted();
  const limitMs = config.startupTimeoutMs ?? 30_000;
  const limit = AbortSignal.timeout(limitMs);
  const transport = new ProcessTransport(options.spawn(config));
  try {
    const client = new Client(options.client, { capabilities: {} });
    const starting = AbortSignal.any([signal, limit]);
    await scoped(starting, (own) => client.connect(transport, { signal: own, timeout: limitMs + 1000 }));
    const connection = new ServerConnection({ ...options, client, transport });
    await connection.readTools(starting);
    return connection;
  } catch (cause) {
    await transport.close();
    signal.throwIfAborted();
    const reason = limit.aborted ? `did not answer within ${limitMs} ms` : describe(cause);
    const last = transport.exitReason;
    throw new Error(isGone(cause) && last !== null ? last : reason, { cause });
  }
}

/** One server that answered. Outlives the process: then every call says that it is gone. */
export class ServerConnection implements AsyncDisposable {
  readonly #config: ServerConfig;
  readonly #client: Client;
  readonly #transport: ProcessTransport;
  readonly #onToolsChanged: () => void;
  readonly #closed = new AbortController();
  #tools: readonly McpTool[] = [];
  #listed = "[]";
  #refreshing: Promise<void> | null = null;
  #isStale = false;
  #refreshFailure: string | null = null;

  constructor(options: {
    readonly config: ServerConfig;
    readonly client: Client;
    readonly transport: ProcessTransport;
    readonly onToolsChanged: () => void;
  }) {
    this.#config = options.config;
    this.#client = options.client;
    this.#transport = options.transport;
    this.#onToolsChanged = options.onToolsChanged;
    this.#client.setNotificationHandler(ToolListChangedNotificationSchema, () => this.#refresh());
  }

  get tools(): readonly McpTool[] {
    return this.#tools;
  }

  /** What the server wants a model to know; null when nothing. At most 4000 characters. */
  get instructions(): string | null {
    return this.#client.getInstructions()?.slice(0, 4000) ?? null;
  }

  /** Why the process is gone; null while it runs. */
  get exitReason(): string | null {
    return this.#transport.exitReason;
  }

  /** Why the last new list of tools could not be read, the older one being kept; null when it could. */
  get refreshFailure(): string | null {
    return this.#refreshFailure;
  }

  get ignoredFrames(): number {
    return this.#transport.ignoredFrames;
  }

  /** Reads the whole list. True when it differs from the one before. Rejects when the server does not give it. */
  async readTools(signal: AbortSignal): Promise<boolean> {
    const listed = this.#client.getServerCapabilities()?.tools === undefined ? [] : await this.#list(signal);
    const text = JSON.stringify(listed);
    if (text === this.#listed) return false;
    this.#listed = text;
    this.#tools = toTools(listed, this.#config.name, (tool, input, options) => this.#call(tool, input, options.signal));
    return true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort();
    await this.#transport.close();
    await this.#refreshing;
  }

  async #list(signal: AbortSignal): Promise<readonly unknown[]> {
    const listed: unknown[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < maxPages; page += 1) {
      const params = cursor === undefined ? {} : { cursor };
      const request = { method: "tools/list", params } as const;
      const answer = await scoped(signal, (own) => this.#client.request(request, toolList, { signal: own }));
      listed.push(...answer.tools);
      cursor = answer.nextCursor ?? undefined;
      if (cursor === undefined || listed.length >= maxTools) break;
    }
    return listed.slice(0, maxTools);
  }

  async #call(tool: string, input: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<McpToolResult> {
    signal.throwIfAborted();
    const timeout = this.#config.toolTimeoutMs ?? 120_000;
    const request = { method: "tools/call", params: { name: tool, arguments: input } } as const;
    try {
      return toResult(
        await scoped(signal, (own) => this.#client.request(request, callResult, { signal: own, timeout })),
      );
    } catch (error) {
      signal.throwIfAborted();
      return { isError: true, text: bounded(`MCP server "${this.#config.name}" ${this.#failure(error, timeout)}`) };
    }
  }

  #failure(error: unknown, timeoutMs: number): string {
    const gone = this.#transport.exitReason;
    if (gone !== null) return `is gone: it ${gone}`;
    if (this.#closed.signal.aborted || isGone(error)) return "is closed";
    const isTimeout = error instanceof RpcError && error.code === ErrorCode.RequestTimeout;
    return isTimeout ? `did not finish the call within ${timeoutMs} ms` : `failed: ${describe(error)}`;
  }

  /** One read at a time, and one more when the list changed meanwhile; a server cannot make us spin. */
  #refresh(): void {
    this.#isStale = true;
    this.#refreshing ??= this.#refreshWhileStale().finally(() => {
      this.#refreshing = null;
    });
  }

  async #refreshWhileStale(): Promise<void> {
    const { signal } = this.#closed;
    while (this.#isStale && !signal.aborted) {
      this.#isStale = false;
      try {
        const hasChanged = await this.readTools(signal);
        this.#refreshFailure = null;
        if (hasChanged && !signal.aborted) this.#onToolsChanged();
      } catch (error) {
        this.#refreshFailure = `could not list its tools again: ${describe(error)}`;
      }
      await pause(100, signal);
    }
  }
}

/** Far above what a model can use; bounds a server that never stops naming tools. */
const maxTools = 1000;
const maxPages = 100;
const toolList = z.object({ tools: z.array(z.unknown()), nextCursor: z.string().nullish() });

function isClosed(error: unknown): boolean {
  return error instanceof RpcError && error.code === ErrorCode.ConnectionClosed;
}

/** The connection closed, or a write met a closed pipe: the exit of the process says more than either. */
function isGone(error: unknown): boolean {
  return isClosed(error) || (error instanceof Error && "syscall" in error);
}

function describe(error: unknown): string {
  if (error instanceof z.core.$ZodError) return "its answer has not the shape that MCP asks for";
  return (error instanceof Error ? error.message : String(error)).slice(0, 1000);
}

/**
 * Runs one request under a signal of its own. The SDK leaves its listener on the signal it is given, and would
 * tell the server of a cancellation when that signal aborts long after the answer.
 */
async function scoped<T>(signal: AbortSignal, act: (own: AbortSignal) => Promise<T>): Promise<T> {
  const own = new AbortController();
  const abort = (): void => own.abort(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    if (signal.aborted) abort();
    return await act(own.signal);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, durationMs);
    signal.addEventListener("abort", end, { once: true });
    if (signal.aborted) end();
  });
}
