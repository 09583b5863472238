import { spawn } from "node:child_process";
import type { Enforcement, Runner, RunRequest, RunResult } from "../../src/ports/runner.ts";

/** Runs commands with nothing but bash: no confinement, whatever `enforcement` says. Remembers what it was asked. */
export class PlainRunner implements Runner {
  readonly enforcement: Enforcement;
  readonly requests: RunRequest[] = [];
  readonly #cwd: string;
  readonly #violations: readonly string[];

  constructor(options: {
    readonly cwd: string;
    readonly enforcement?: Enforcement | undefined;
    readonly violations?: readonly string[] | undefined;
  }) {
    this.enforcement = options.enforcement ?? "kernel";
    this.#cwd = options.cwd;
    this.#violations = options.violations ?? [];
  }

  async run(request: RunRequest, { signal }: { readonly signal: AbortSignal }): Promise<RunResult> {
    signal.throwIfAborted();
    this.requests.push(request);
    const child = spawn("bash", ["--noprofile", "--norc", "-c", request.command], {
      cwd: this.#cwd,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    let isTimedOut = false;
    const kill = (): void => {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    };
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream].setEncoding("utf8").on("data", (text: string) => {
        output += text;
        request.onOutput?.({ stream, text });
      });
    }
    const timer = setTimeout(() => {
      isTimedOut = true;
      kill();
    }, request.timeoutMs);
    signal.addEventListener("abort", kill);
    const ended = await new Promise<{ exitCode: number | null; signal: string | null }>((resolve, reject) => {
      child.on("error", reject).on("close", (exitCode, name) => resolve({ exitCode, signal: name }));
    });
    clearTimeout(timer);
    signal.removeEventListener("abort", kill);
    signal.throwIfAborted();
    return { ...ended, isTimedOut, output, durationMs: 0, violations: this.#violations };
  }
}
