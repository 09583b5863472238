import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { SandboxError } from "./errors.ts";
import type { BubblewrapInput, Launch } from "./launch.ts";
import type { CommandCgroup, SessionCgroup } from "./linux/cgroup.ts";
import { OPTIONS_DESCRIPTOR, SECCOMP_DESCRIPTOR, STATUS_DESCRIPTOR } from "./linux/kernel-launcher.ts";
import {
  identifyProcess,
  type ProcessIdentity,
  processTree,
  sendSignal,
  signalDescendants,
  waitUntilGone,
} from "./linux/process-tree.ts";
import { fromCgroupEvents, type Violation } from "./violations.ts";

export interface ProcessExit {
  /** Null when the process was killed from outside. A signal inside the sandbox shows as 128 + its number. */
  readonly exitCode: number | null;
  readonly signal: string | null;
}

export type StdioMode = "pipe" | "inherit" | "ignore";

/** A running command and every process it started. */
export class ConfinedProcess {
  readonly child: ChildProcess;
  /**
   * Settles when no process of the tree is left.
   *
   * @throws {SandboxError} `spawn_failed` when the command could not be started.
   */
  readonly exited: Promise<ProcessExit>;
  /** What `tidy` said once no process was left, and limits that were reached. Settles right after `exited`, and never rejects. */
  readonly undone: Promise<readonly Violation[]>;
  readonly #isConfined: boolean;
  readonly #cgroup: CommandCgroup | null;
  #first: ProcessIdentity | null = null;
  #hasExited = false;
  #isKilled = false;
  #status = "";

  /**
   * `tidy` undoes what the command may not leave behind; it may not throw.
   *
   * @throws {SandboxError} `spawn_failed` at once for what no process can be given: a NUL, too long an argument.
   */
  constructor(
    launch: Launch,
    stdio: readonly [StdioMode, StdioMode, StdioMode],
    tidy: () => readonly Violation[] = () => [],
  ) {
    const [program, ...args] = launch.command;
    const { confinement } = launch;
    this.#isConfined = confinement !== null;
    const split = confinement?.options.find((option) => option.includes("\0"));
    if (split !== undefined) {
      // It would reach bubblewrap as several options, of its author's choice.
      throw new SandboxError("spawn_failed", `a path or variable holds a NUL: ${JSON.stringify(split)}`);
    }
    this.child = start(program, args, {
      cwd: launch.cwd,
      env: { ...launch.environment },
      stdio: confinement === null ? [...stdio] : [...stdio, "pipe", "pipe", "pipe"],
      // A process group of its own: a terminal's Ctrl-C must reach the command through `signal`, not end bubblewrap above it;
      // and without bubblewrap the group can be signalled whole.
      detached: this.#isConfined || stdio[0] !== "inherit",
    });
    this.#cgroup = confinement?.cgroup ? this.#join(confinement.cgroup) : null;
    this.exited = this.#waitForExit();
    const conclude = (): readonly Violation[] => [...tidy(), ...this.#limitsReached()];
    this.undone = this.exited.then(conclude, conclude); // who awaits `exited` sees its failure; nobody has to
    if (confinement !== null) this.#talkToBubblewrap(confinement);
  }

  get stdin(): Writable | null {
    return this.child.stdin;
  }

  get stdout(): Readable | null {
    return this.child.stdout;
  }

  get stderr(): Readable | null {
    return this.child.stderr;
  }

  /** Sends a signal to every process of the tree, as a terminal does. Nothing happens when it is gone. */
  signal(name: NodeJS.Signals): void {
    if (this.#hasExited || this.child.pid === undefined) return;
    if (this.#first !== null) signalDescendants(this.#first.pid, name);
    else if (!this.#isConfined) sendSignal(-this.child.pid, name) || sendSignal(this.child.pid, name);
  }

  /** Ends the whole tree at once. Resolves when it is gone; may be called twice. */
  async kill(): Promise<void> {
    this.#isKilled = true;
    if (!this.#hasExited && this.child.pid !== undefined) {
      this.#cgroup?.kill();
      // The first process of the namespace takes all others along, and bubblewrap then waits for it.
      if (this.#first !== null) sendSignal(this.#first.pid, "SIGKILL");
      // Not yet begun. The last first: bubblewrap's child would wait for ever for a parent that is gone.
      else if (this.#isConfined)
        for (const pid of [...processTree(this.child.pid)].reverse()) sendSignal(pid, "SIGKILL");
      else sendSignal(-this.child.pid, "SIGKILL") || sendSignal(this.child.pid, "SIGKILL");
    }
    await this.exited.catch(() => null); // reported where `exited` is awaited
  }

  /** Asks the tree to end, and kills what is left of it after `graceMs`. Resolves when it is gone. */
  async terminate(graceMs: number): Promise<void> {
    this.signal("SIGTERM");
    let timer: NodeJS.Timeout | undefined;
    const grace = new Promise((resolve) => {
      timer = setTimeout(resolve, graceMs);
    });
    await Promise.race([grace, this.exited.catch(() => null)]);
    clearTimeout(timer);
    await this.kill();
  }

  async #waitForExit(): Promise<ProcessExit> {
    const status = this.child.stdio[STATUS_DESCRIPTOR];
    const statusEnd = this.#isConfined && status ? once(status, "close") : null;
    let exit: [number | null, string | null];
    try {
      exit = (await once(this.child, "exit")) as [number | null, string | null]; // the event's documented arguments
    } catch (cause) {
      throw new SandboxError("spawn_failed", `could not start ${this.child.spawnfile}`, { cause });
    }
    await statusEnd;
    if (this.#first !== null) await waitUntilGone(this.#first);
    if (!this.#isConfined && this.child.pid !== undefined) sendSignal(-this.child.pid, "SIGKILL"); // what it left behind
    this.#hasExited = true;
    const [exitCode, signal] = exit;
    if (this.#isKilled) return { exitCode: null, signal: signal ?? "SIGKILL" };
    // Killed from outside while the command ran: there was nobody left to tell how it ended.
    if (signal !== null) return { exitCode: null, signal };
    if (this.#isConfined && !this.#status.includes('"exit-code"')) {
      throw new SandboxError("spawn_failed", "the sandbox for this command could not be set up");
    }
    return { exitCode, signal };
  }

  /** Before bubblewrap has its options, and so before there is a second process. */
  #join(session: SessionCgroup): CommandCgroup | null {
    if (this.child.pid === undefined) return null; // not started: `exited` tells
    try {
      const cgroup = session.begin();
      cgroup.add(this.child.pid);
      return cgroup;
    } catch (cause) {
      this.child.kill("SIGKILL");
      throw new SandboxError("spawn_failed", "the limits of this command could not be set", { cause });
    }
  }

  #limitsReached(): readonly Violation[] {
    return this.#cgroup === null ? [] : fromCgroupEvents(this.#cgroup.end());
  }

  #talkToBubblewrap({ options, systemCallFilter }: BubblewrapInput): void {
    const report = this.child.stdio[STATUS_DESCRIPTOR] as Readable | null | undefined; // "pipe": a duplex socket
    report?.setEncoding("utf8").on("data", (text: string) => {
      this.#status += text;
      const pid = /"child-pid": (\d+)/.exec(this.#status)?.[1];
      if (pid !== undefined) this.#first ??= identifyProcess(Number(pid));
    });
    report?.on("error", () => this.child.kill("SIGKILL"));
    this.#give(OPTIONS_DESCRIPTOR, options.map((option) => `${option}\0`).join(""));
    this.#give(SECCOMP_DESCRIPTOR, systemCallFilter);
  }

  #give(descriptor: number, content: string | Buffer): void {
    const input = this.child.stdio[descriptor] as Writable | null | undefined; // "pipe": a duplex socket
    input?.on("error", () => null); // it ended before reading: its exit tells why
    input?.end(content);
  }
}

function start(program: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  try {
    return spawn(program, args, options);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SandboxError("spawn_failed", `could not start ${program}: ${why}`, { cause });
  }
}
