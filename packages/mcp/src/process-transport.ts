import { once } from "node:events";
import { ReadBuffer, serializeMessage } from "@modelcontextprotocol/sdk/shared/stdio.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";
import { describeExit, type ServerExit, type ServerProcess } from "./server-process.ts";

/** How long a server may take to leave once its input has ended, before it is killed. */
const graceMs = 1000;

/**
 * The stdio transport of MCP over a process that someone else started: one JSON-RPC message per line.
 * Lines that are no message are counted and skipped. Closing ends the server's input, waits a second, kills it,
 * and resolves when it is gone.
 */
export class ProcessTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  readonly #process: ServerProcess;
  readonly #buffer = new ReadBuffer();
  #exit: ServerExit | null = null;
  #ignoredFrames = 0;
  #lastWords = "";
  /** Settles when the process is gone and its last output is read; at once before `start`. */
  #gone: Promise<void> = Promise.resolve();
  #closing: Promise<void> | null = null;

  constructor(process: ServerProcess) {
    this.#process = process;
  }

  /** Lines on the server's output that were no message, so far. */
  get ignoredFrames(): number {
    return this.#ignoredFrames;
  }

  /** Why nobody answers any more: exit and last words of the process. Null while it runs. */
  get exitReason(): string | null {
    if (this.#exit === null) return null;
    const lines = this.#lastWords.trim().split("\n");
    // A stack trace says what went wrong in its first line, not in its last ones.
    const words = (lines.find((line) => /^\S*Error\b.*: /.test(line)) ?? lines.slice(-3).join("\n")).slice(-500);
    return describeExit(this.#exit) + (words === "" ? "" : `: ${words}`);
  }

  async start(): Promise<void> {
    const { stdin, stdout, stderr, exited } = this.#process;
    stdin.on("error", (error) => this.onerror?.(error));
    stdout.on("error", (error) => this.onerror?.(error));
    stdout.on("data", (bytes: Buffer) => this.#receive(bytes));
    stderr?.on("error", (error) => this.onerror?.(error));
    stderr?.on("data", (bytes: Buffer) => {
      this.#lastWords = (this.#lastWords + bytes.toString("utf8")).slice(-4000);
    });
    this.#gone = exited
      .catch((error: unknown): ServerExit => ({ exitCode: null, message: String(error) }))
      .then((exit) => this.#left(exit));
  }

  send(message: JSONRPCMessage): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#process.stdin.write(serializeMessage(message), (error) => (error ? reject(error) : resolve()));
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    this.#process.stdin.end();
    const timer = setTimeout(() => this.#process.kill(), graceMs);
    await this.#gone;
    clearTimeout(timer);
    // What the server started may outlive it; nothing of it may.
    this.#process.kill();
  }

  #receive(bytes: Buffer): void {
    try {
      this.#buffer.append(bytes);
    } catch {
      this.#ignoredFrames += 1; // a line longer than the buffer: it was dropped, and its rest will be no message
      return;
    }
    for (;;) {
      try {
        const message = this.#buffer.readMessage();
        if (message === null) return;
        this.onmessage?.(message);
      } catch {
        this.#ignoredFrames += 1; // the line is already out of the buffer
      }
    }
  }

  async #left(exit: ServerExit): Promise<void> {
    await this.#drained();
    this.#exit = exit;
    this.#process.stdout.destroy();
    this.#process.stderr?.destroy();
    this.#buffer.clear();
    this.onclose?.();
  }

  /** Output written just before the end may still be on its way; a grandchild that holds the pipe is not waited for. */
  async #drained(): Promise<void> {
    const { stdout } = this.#process;
    if (stdout.closed) return;
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), 50);
    await once(stdout, "close", { signal: limit.signal }).catch(() => undefined);
    clearTimeout(timer);
  }
}
