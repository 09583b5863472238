/** Runs the commands of one session, confined as well as the machine allows. */
export interface Runner {
  readonly enforcement: Enforcement;
  /**
   * Runs one shell command to its end. Expected outcomes (non-zero status, time-out, a refused connection) are values.
   * When `signal` aborts, the whole process tree is gone before the promise rejects with `signal.reason`.
   */
  run(request: RunRequest, options: { readonly signal: AbortSignal }): Promise<RunResult>;
}

/** `kernel`: the kernel confines. `env-only`: only the proxy environment does. `none`: nothing does. */
export type Enforcement = "kernel" | "env-only" | "none";

export interface RunRequest {
  /** Connections made by this command are recorded under this id. */
  readonly callId: string;
  /** Given to `bash -c`. */
  readonly command: string;
  readonly timeoutMs: number;
  /** True in Plan mode: the project is mounted read-only. */
  readonly isReadOnly: boolean;
  /** Text as it arrives, for showing; the result holds the bounded whole. */
  readonly onOutput?: ((chunk: { readonly stream: "stdout" | "stderr"; readonly text: string }) => void) | undefined;
}

export interface RunResult {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly isTimedOut: boolean;
  /** stdout and stderr as they came, head and tail kept, a line naming the bytes dropped between. */
  readonly output: string;
  readonly durationMs: number;
  /** What the sandbox refused while it ran, in sentences the model can act on. */
  readonly violations: readonly string[];
}
