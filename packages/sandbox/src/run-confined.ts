import { once } from "node:events";
import type { Readable } from "node:stream";
import { setTimeout as setTimeoutPromise } from "node:timers/promises";
import type { ConfinedProcess, ProcessExit } from "./confined-process.ts";
import { SandboxError } from "./errors.ts";
import type { OutputRing } from "./output-ring.ts";

export interface OutputChunk {
  readonly stream: "stdout" | "stderr";
  readonly text: string;
}

export interface RunLimits {
  /** Null: it may run for ever. */
  readonly timeoutMs: number | null;
  /** Where its output is kept. */
  readonly ring: OutputRing;
  readonly onOutput?: ((chunk: OutputChunk) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface RunOutcome extends ProcessExit {
  readonly isTimedOut: boolean;
  readonly output: string;
  readonly droppedBytes: number;
}

const TIMEOUT_GRACE_MS = 1_000; // time to write down results
const DRAIN_MS = 1_000;
export const MAX_TIMER_MS: number = 2 ** 31 - 1; // setTimeout takes more for 1
const ABORT_GRACE_MS = 50; // a person is waiting

/**
 * Follows a started command to its end: collects output, and at the time limit or on abort sends TERM, waits, and kills the whole tree.
 * Output up to that moment is kept. On abort it rejects with the signal's reason, when the tree is gone.
 */
export async function runConfined(started: ConfinedProcess, limits: RunLimits): Promise<RunOutcome> {
  const { ring, timeoutMs } = limits;
  const follow = (stream: Readable | null, name: OutputChunk["stream"]): Promise<unknown> | undefined => {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      ring.append(text);
      try {
        limits.onOutput?.({ stream: name, text });
      } catch {
        // The listener's own fault. Nothing is lost: the text is in the ring, and the next listener call gets the next text.
      }
    });
    return stream === null ? undefined : once(stream, "close");
  };
  const drained = Promise.allSettled([follow(started.stdout, "stdout"), follow(started.stderr, "stderr")]);
  let isTimedOut = false;
  let stopping: Promise<void> | undefined;
  const stop = (graceMs: number): void => {
    stopping ??= started.terminate(graceMs);
  };
  const onTimeout = (): void => {
    isTimedOut = true;
    stop(TIMEOUT_GRACE_MS);
  };
  const timer = timeoutMs === null ? undefined : setTimeout(onTimeout, Math.min(timeoutMs, MAX_TIMER_MS));
  const abort = (): void => stop(ABORT_GRACE_MS);
  limits.signal?.addEventListener("abort", abort, { once: true });
  if (limits.signal?.aborted) abort();
  try {
    const [ended] = await Promise.allSettled([started.exited]);
    await stopping;
    // Everything is read once the tree is gone. Without a kernel to end it, a stray process may hold the pipes open for ever.
    await Promise.race([drained, setTimeoutPromise(DRAIN_MS, null, { ref: false })]);
    for (const stream of [started.stdout, started.stderr]) stream?.destroy();
    limits.signal?.throwIfAborted();
    if (ended.status === "rejected") throw withComplaint(ended.reason, ring.text());
    const exit = ended.value;
    return { ...exit, isTimedOut, output: ring.text(), droppedBytes: ring.droppedBytes };
  } finally {
    clearTimeout(timer);
    limits.signal?.removeEventListener("abort", abort);
  }
}

/** What bubblewrap printed says why a command did not start: no such program, no such directory. */
function withComplaint(cause: unknown, output: string): unknown {
  const complaint = output.trim().split("\n").at(-1);
  if (!(cause instanceof SandboxError) || !complaint) return cause;
  return new SandboxError(cause.code, `${cause.message}: ${complaint}`, { cause });
}
