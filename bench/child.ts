import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { findProgram } from "./find-program.ts";
import { withDescendants } from "./process-cost.ts";

/** A child process of the bench; disposing ends it with all its descendants, and waits. */
export class Child implements AsyncDisposable {
  readonly process: ChildProcess;
  readonly #exited: Promise<unknown>;
  #errorText = "";

  constructor(child: ChildProcess) {
    this.process = child;
    this.#exited = Promise.race([once(child, "exit"), once(child, "error")]);
    this.#exited.catch(() => undefined); // shown by whoever waits for the child's first word
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#errorText = (this.#errorText + text).slice(-2_000);
    });
  }

  get pid(): number {
    return this.process.pid ?? 0;
  }

  /** What it said was wrong: the last line of stderr that speaks of an error, or the last of all. */
  get complaint(): string {
    const lines = this.#errorText.trim().split("\n");
    return (lines.findLast((line) => /^\w*error\b/i.test(line)) ?? lines.at(-1) ?? "").trim();
  }

  get hasExited(): boolean {
    return this.process.exitCode !== null || this.process.signalCode !== null || this.process.pid === undefined;
  }

  /** The first message over IPC. Rejects with what the child complained about when it ends before, or takes too long. */
  async firstMessage(timeoutMs = 15_000): Promise<unknown> {
    const timeout = AbortSignal.timeout(timeoutMs);
    const message = once(this.process, "message", { signal: timeout }).then(([value]) => ({ value }));
    const first = await Promise.race([message, this.#exited.then(() => null)]).catch(() => null);
    if (first === null) throw new Error(this.complaint || "it did not start");
    return first.value;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.hasExited) return;
    const tree = withDescendants(this.pid);
    this.process.kill("SIGTERM");
    const timer = setTimeout(() => this.process.kill("SIGKILL"), 2_000);
    await this.#exited.catch(() => undefined);
    clearTimeout(timer);
    for (const pid of tree.slice(1)) killIfThere(pid);
  }
}

/** A Node program with IPC; it ends when this process does, however that ends. */
export function startNode(file: URL, args: readonly string[] = []): Child {
  // --expose-gc: memory is compared after a collection.
  const options = ["--expose-gc", "--no-warnings", fileURLToPath(file), ...args];
  return new Child(spawn(process.execPath, options, { stdio: ["pipe", "pipe", "pipe", "ipc"] }));
}

/** Another program, in the foreground. The kernel ends it when this process ends, where `setpriv` can ask for that. */
export function startProgram(program: string, args: readonly string[]): Child {
  const setpriv = findProgram("setpriv");
  const command = setpriv === null ? [program] : [setpriv, "--pdeathsig", "KILL", program];
  const [first = program, ...rest] = [...command, ...args];
  return new Child(spawn(first, rest, { stdio: ["ignore", "ignore", "pipe"] }));
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended with its parent.
  }
}
