import type { Io } from "./io.ts";

/**
 * Aborts on the first Ctrl-C, SIGTERM or hang-up, and when nobody reads standard output any more. A second signal of a
 * kind ends the process as it would have ended without us.
 */
export function stopOnInterrupt(io: Pick<Io, "signals" | "stdout">): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const stop = (): void => controller.abort(new Error("interrupted"));
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const name of signals) io.signals.once(name, stop);
  io.stdout.once("error", stop);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      for (const name of signals) io.signals.off(name, stop);
      io.stdout.off("error", stop);
    },
  };
}
