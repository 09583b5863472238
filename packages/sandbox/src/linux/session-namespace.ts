import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type FileHandle, open } from "node:fs/promises";
import { Server } from "node:net";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { SandboxError } from "../errors.ts";

/** A listener inside the namespace, accepting in this process; or why there is none. */
export type NamespaceListener =
  | { readonly kind: "listening"; readonly server: Server; readonly port: number }
  | { readonly kind: "failed"; readonly message: string };

/** The user, mount and network namespace of one session. It lives as long as this process holds it, with no process inside. */
export interface SessionNamespace extends AsyncDisposable {
  /** For nsenter. Descriptors are named by path, so that nothing is inherited. */
  readonly enterArgs: readonly string[];
  readonly http: NamespaceListener;
  readonly socks5: NamespaceListener;
}

export interface SessionNamespaceOptions {
  /** bubblewrap, by absolute path. */
  readonly bwrap: string;
  /** As `sessionArgs` gives them. */
  readonly args: readonly string[];
  /** Zero: any free one. */
  readonly httpPort: number;
  readonly socks5Port: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens the namespace and both listeners in about 50 ms. Aborting ends the helper and rejects with the signal's reason.
 *
 * @throws {SandboxError} `namespace_failed` with what bubblewrap said.
 */
export async function openSessionNamespace(options: SessionNamespaceOptions): Promise<SessionNamespace> {
  options.signal?.throwIfAborted();
  const helper = spawn(
    options.bwrap,
    [
      ...options.args,
      "--",
      process.execPath,
      helperPath(),
      JSON.stringify({ http: options.httpPort, socks5: options.socks5Port }),
    ],
    { stdio: ["ignore", "ignore", "pipe", "ipc"], env: { ...options.environment }, cwd: "/", signal: options.signal },
  );
  await using stack = new AsyncDisposableStack();
  const exited = once(helper, "close").catch(() => null); // a failure to start is reported by `conversation`
  stack.defer(async () => {
    helper.kill("SIGKILL");
    await exited;
  });
  const { pid, listeners } = await conversation(helper, options.signal);
  const openOne = (name: string): Promise<FileHandle> => open(`/proc/${pid}/ns/${name}`, "r");
  const opened: FileHandle[] = [];
  stack.defer(() => closeAll(opened));
  for (const name of ["user", "mnt", "net"]) opened.push(await openOne(name));
  helper.send("leave");
  await exited;
  const [user, mnt, net] = opened.map((handle) => `/proc/${process.pid}/fd/${handle.fd}`);
  const owned = stack.move();
  return {
    enterArgs: [`--user=${user}`, `--mount=${mnt}`, `--net=${net}`, "--preserve-credentials"],
    http: listeners.get("http") ?? { kind: "failed", message: "no answer from inside the namespace" },
    socks5: listeners.get("socks5") ?? { kind: "failed", message: "no answer from inside the namespace" },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const messageSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("listening"), name: z.string(), port: z.number() }),
  z.object({ kind: z.literal("failed"), name: z.string(), message: z.string() }),
  z.object({ kind: z.literal("ready"), pid: z.number() }),
]);

const MAX_COMPLAINT_BYTES = 4096;

function conversation(
  helper: ChildProcess,
  signal: AbortSignal | undefined,
): Promise<{ pid: number; listeners: Map<string, NamespaceListener> }> {
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
    helper.on("message", (raw, handle) => {
      const message = messageSchema.parse(raw);
      if (message.kind === "ready") {
        helper.off("close", fail);
        resolve({ pid: message.pid, listeners });
      } else if (message.kind === "failed") listeners.set(message.name, message);
      else if (handle instanceof Server)
        listeners.set(message.name, { kind: "listening", server: handle, port: message.port });
    });
  });
}

function helperPath(): string {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js"; // sources in development, built files elsewhere
  return fileURLToPath(new URL(`./namespace-helper.${extension}`, import.meta.url));
}

async function closeAll(handles: readonly FileHandle[]): Promise<void> {
  await Promise.all(handles.map((handle) => handle.close()));
}
