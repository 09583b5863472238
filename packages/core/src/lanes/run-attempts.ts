import type { LaneHandler } from "./lane-handler.ts";
import type { LaneJob } from "./lane-job.ts";

/** How a job ended after its last attempt. */
export interface Attempted<T> {
  readonly attempts: number;
  readonly result: { readonly kind: "value"; readonly value: T } | { readonly kind: "error"; readonly error: unknown };
  /** Why its last attempt failed; null when it did not. */
  readonly failure: string | null;
}

/**
 * Runs a job until it succeeds, has no attempts left, or is aborted. What is run outside is never run again here:
 * its answer stands. Does not reject.
 */
export async function runAttempts<T>(job: LaneJob<T>, handler: LaneHandler): Promise<Attempted<T>> {
  const maxAttempts = handler.mode === "external" ? 1 : 1 + (job.retries ?? 0);
  for (let attempt = 1; ; attempt += 1) {
    const attempted = await runOnce(job, { attempt, handler });
    if (attempted.failure === null || attempt >= maxAttempts || job.signal.aborted) return attempted;
  }
}

async function runOnce<T>(
  job: LaneJob<T>,
  { attempt, handler }: { readonly attempt: number; readonly handler: LaneHandler },
): Promise<Attempted<T>> {
  try {
    const value = await job.run({ attempt, handler });
    return { attempts: attempt, result: { kind: "value", value }, failure: job.failureOf?.(value) ?? null };
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    return { attempts: attempt, result: { kind: "error", error }, failure };
  }
}
