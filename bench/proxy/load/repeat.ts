import type { RunningLoad, Window } from "./window.ts";

/** One operation: calls back, later, with null when it is done or the reason when it failed. Gives what ends it early. */
export type Operation = (done: (failure: string | null) => void) => { destroy(): void };

/** Lets each of `clients` repeat an operation, one after the other. */
export function repeat(clients: number, window: Window, operation: Operation): RunningLoad {
  let isStopping = false;
  const underWay = new Set<{ destroy(): void }>();
  const stopped = Promise.withResolvers<void>();
  const next = (): void => {
    if (isStopping) {
      if (underWay.size === 0) stopped.resolve();
      return;
    }
    const startedMs = performance.now();
    const current = operation((failure) => {
      if (!underWay.delete(current)) return;
      if (failure === null) window.count(startedMs);
      else window.fail(failure);
      // A proxy that fails at once must not turn this into a busy loop.
      if (failure === null) next();
      else setTimeout(next, 5);
    });
    underWay.add(current);
  };
  for (let client = 0; client < clients; client += 1) next();
  return {
    stop: () => {
      isStopping = true;
      if (underWay.size === 0) stopped.resolve();
      return stopped.promise;
    },
    abandon: () => {
      const count = underWay.size;
      for (const each of underWay) each.destroy();
      return count;
    },
  };
}
