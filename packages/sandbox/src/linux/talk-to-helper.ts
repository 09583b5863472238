import type { ChildProcess } from "node:child_process";
import { Server } from "node:net";
import { SandboxError } from "../errors.ts";
import { parseHelperMessage } from "./helper-message.ts";

/** Where a helper shall listen: an address of the namespace's loopback; port 0 is any free one. */
export interface ListenPlace {
  readonly host: string;
  readonly port: number;
}

/** A listener inside the namespace, accepting in this process; or why there is none, `code` as the system names it. */
export type NamespaceListener =
  | { readonly kind: "listening"; readonly server: Server; readonly port: number }
  | { readonly kind: "failed"; readonly message: string; readonly code: string };

/** What the helper has to say, once it is done: it waits to be told to leave. */
export interface HelperAnswer {
  /** As the kernel numbers it where the helper runs. */
  readonly pid: number;
  readonly listeners: ReadonlyMap<string, NamespaceListener>;
}

/**
 * Listens to a `namespace-helper` until it is ready.
 *
 * @throws {SandboxError} `namespace_failed` with what it said, when it ends before; rejects with the signal's reason when that is why.
 */
export function talkToHelper(helper: ChildProcess, signal: AbortSignal | undefined): Promise<HelperAnswer> {
  return new Promise((resolve, reject) => {
    const listeners = new Map<string, NamespaceListener>();
    let complaint = "";
    const fail = (cause: unknown): void => {
      for (const listener of listeners.values()) if (listener.kind === "listening") listener.server.close();
      const text = complaint.trim() || "it ended without a word";
      reject(signal?.aborted ? signal.reason : new SandboxError("namespace_failed", text, { cause }));
    };
    helper.stderr?.setEncoding("utf8").on("data", (text: string) => {
      complaint = (complaint + text).slice(0, MAX_COMPLAINT_BYTES);
    });
    helper.once("error", fail);
    helper.once("close", fail);
    // Whoever aborts closes the channel, and of a channel closed from this side Node does not tell: "close" never comes.
    helper.once("exit", () => signal?.aborted && fail(signal.reason));
    helper.on("message", (raw, handle) => {
      const message = parseHelperMessage(raw);
      if (message === null) fail(new Error("a message that no helper sends"));
      else if (message.kind === "ready") {
        helper.off("close", fail);
        resolve({ pid: message.pid, listeners });
      } else if (message.kind === "failed") listeners.set(message.name, message);
      else if (handle instanceof Server)
        listeners.set(message.name, { kind: "listening", server: handle, port: message.port });
    });
  });
}

const MAX_COMPLAINT_BYTES = 4096;
