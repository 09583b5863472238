import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { SandboxError } from "../errors.ts";
import { HELPER_ARGS } from "./helper-args.ts";
import { withoutDescriptors } from "./inherited-descriptors.ts";
import { endGuard, guardCommand, guardTakesOver } from "./session-guard.ts";
import { type ListenPlace, type NamespaceListener, talkToHelper } from "./talk-to-helper.ts";

/** The user, mount and network namespace of one session. It lives as long as this process holds it, with a guard inside. */
export interface SessionNamespace extends AsyncDisposable {
  /** For nsenter. Descriptors are named by path, so that nothing is inherited. */
  readonly enterArgs: readonly string[];
  /** Until then the helper listens, too, and would take some of the connections. */
  readonly settled: Promise<void>;
  readonly http: NamespaceListener;
  readonly socks5: NamespaceListener;
  /**
   * Listens at more places, one answer each, in about 60 ms.
   *
   * @throws {SandboxError} `namespace_failed` with what the helper said.
   */
  listen(places: readonly ListenPlace[], signal?: AbortSignal): Promise<readonly NamespaceListener[]>;
  /** Starts Node on a program of this package inside, with an IPC channel. The caller owns the process; it dies with this one. */
  startHelper(program: string, args: readonly string[]): ChildProcess;
}

export interface SessionNamespaceOptions {
  /** bubblewrap, nsenter, mount and bash, by absolute path. */
  readonly bwrap: string;
  readonly nsenter: string;
  readonly mount: string;
  readonly bash: string;
  /** As `sessionArgs` gives them. */
  readonly args: readonly string[];
  /** How many descriptors with nothing to read `args` takes, from `FIRST_EMPTY_DESCRIPTOR` on. */
  readonly emptyDescriptors: number;
  readonly inheritedDescriptors: readonly number[];
  /** Zero: any free one. */
  readonly httpPort: number;
  readonly socks5Port: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

export const FIRST_EMPTY_DESCRIPTOR = 4; // after the three and the IPC channel

/**
 * Opens the namespace and both listeners in about 50 ms. Aborting ends the helper and rejects with the signal's reason.
 *
 * @throws {SandboxError} `namespace_failed` with what bubblewrap said.
 */
export async function openSessionNamespace(options: SessionNamespaceOptions): Promise<SessionNamespace> {
  options.signal?.throwIfAborted();
  const host = "127.0.0.1";
  const places = { http: { host, port: options.httpPort }, socks5: { host, port: options.socks5Port } };
  using nothing = openNothing();
  const empty = Array.from({ length: options.emptyDescriptors }, () => nothing.descriptor);
  const helper = spawn(
    options.bwrap,
    [...options.args, "--", ...guardCommand(options, [process.execPath, listenProgram, JSON.stringify(places)])],
    {
      stdio: ["pipe", "pipe", "pipe", "ipc", ...empty],
      detached: true, // a terminal's Ctrl-C is for Koda
      env: { ...options.environment },
      cwd: "/",
    },
  );
  await using stack = new AsyncDisposableStack();
  stack.defer(() => endGuard(helper));
  // Not by a signal: bubblewrap, killed while it begins, leaves a process that waits for ever.
  const onAbort = (): void => void endGuard(helper);
  options.signal?.addEventListener("abort", onAbort, { once: true });
  stack.defer(() => options.signal?.removeEventListener("abort", onAbort));
  const { pid, listeners } = await talkToHelper(helper, options.signal);
  // Those that no proxy has taken over, or closed: where a command cannot be confined, none does.
  stack.defer(() => {
    for (const listener of listeners.values()) if (listener.kind === "listening") listener.server.close();
  });
  const openOne = (name: string): Promise<FileHandle> => open(`/proc/${pid}/ns/${name}`, "r");
  const opened: FileHandle[] = [];
  stack.defer(() => closeAll(opened));
  for (const name of ["user", "mnt", "net"]) opened.push(await openOne(name));
  const takenOver = guardTakesOver(helper);
  helper.send("leave", () => undefined); // gone already: no harm
  const [user, mnt, net] = opened.map((handle) => `/proc/${process.pid}/fd/${handle.fd}`);
  const enterArgs = [`--user=${user}`, `--mount=${mnt}`, `--net=${net}`, "--preserve-credentials"];
  const startHelper = (program: string, args: readonly string[]): ChildProcess =>
    startInside({ ...options, enterArgs }, program, args);
  takenOver.catch(() => null); // told to whoever awaits it
  const owned = stack.move();
  return {
    enterArgs,
    settled: takenOver,
    http: listeners.get("http") ?? noAnswer,
    socks5: listeners.get("socks5") ?? noAnswer,
    listen: (more, signal) => listenInside(startHelper, more, signal),
    startHelper,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Sources in development, built files elsewhere. */
const extension: string = import.meta.url.endsWith(".ts") ? "ts" : "js";
const listenProgram: string = fileURLToPath(new URL(`./namespace-helper.${extension}`, import.meta.url));
const noAnswer: NamespaceListener = { kind: "failed", message: "no answer from inside the namespace", code: "" };

async function listenInside(
  startHelper: SessionNamespace["startHelper"],
  places: readonly ListenPlace[],
  signal: AbortSignal | undefined,
): Promise<readonly NamespaceListener[]> {
  signal?.throwIfAborted();
  const helper = startHelper(listenProgram, [JSON.stringify(places)]);
  const exited = once(helper, "close").catch(() => null);
  try {
    // An abort waits for the answer: bubblewrap, killed while it begins, leaves a process that waits for ever.
    const { listeners } = await talkToHelper(helper, undefined);
    if (signal?.aborted) {
      for (const listener of listeners.values()) if (listener.kind === "listening") listener.server.close();
      throw signal.reason;
    }
    helper.send("leave", () => undefined); // gone already: no harm
    await exited; // two that listen would share the connections
    return places.map((_, index) => listeners.get(`${index}`) ?? noAnswer);
  } finally {
    helper.kill("SIGKILL");
    await exited;
  }
}

function openNothing(): Disposable & { readonly descriptor: number } {
  const descriptor = openSync("/dev/null", "r");
  return { descriptor, [Symbol.dispose]: () => closeSync(descriptor) };
}

function startInside(
  options: SessionNamespaceOptions & { readonly enterArgs: readonly string[] },
  program: string,
  args: readonly string[],
): ChildProcess {
  const inside = [options.bwrap, ...HELPER_ARGS, "--", process.execPath, program, ...args];
  const [first, ...rest] = withoutDescriptors(
    [options.nsenter, ...options.enterArgs, ...inside],
    options.inheritedDescriptors,
    options.bash,
  );
  try {
    return spawn(first, rest, {
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      env: { ...options.environment },
      cwd: "/",
      detached: true, // a terminal's Ctrl-C is for Koda
    });
  } catch (cause) {
    throw new SandboxError("namespace_failed", "the helper could not be started", { cause });
  }
}

async function closeAll(handles: readonly FileHandle[]): Promise<void> {
  await Promise.all(handles.map((handle) => handle.close()));
}
