/** Resolves after the time, rejects with `signal.reason` when aborted. */
export type Sleep = (durationMs: number, options: { readonly signal: AbortSignal }) => Promise<void>;

export interface DeadlineOptions {
  readonly deadlineMs: number;
  readonly sleep: Sleep;
  readonly signal: AbortSignal;
}

/**
 * What `act` gives, unless it takes longer: then a rejection with a `TimeoutError`, or with `signal.reason` when that
 * aborts. It does not wait for an `act` that ignores its signal; what such a one does later is dropped.
 */
export async function withinDeadline<T>(
  act: (signal: AbortSignal) => Promise<T>,
  { deadlineMs, sleep, signal }: DeadlineOptions,
): Promise<T> {
  signal.throwIfAborted();
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const tooLate = sleep(deadlineMs, { signal: either }).then(() => {
    throw new DOMException(`not done within ${deadlineMs} ms`, "TimeoutError");
  });
  try {
    return await Promise.race([(async () => act(either))(), tooLate]);
  } finally {
    stop.abort(new DOMException("nobody waits for this any more", "AbortError"));
  }
}
