import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Effects } from "../ports/effects.ts";
import { uuidV7 } from "./uuid-v7.ts";

/** Effects of one process: real time, real chance, and waits that live as long as the process. */
export function createInProcessEffects(): Effects {
  const waiting = new Map<string, (value: unknown) => void>();

  return {
    run: async (_key, act) => act(),
    async sleep(_key, durationMs, { signal }) {
      signal.throwIfAborted();
      try {
        await delay(durationMs, undefined, { signal });
      } catch (error) {
        signal.throwIfAborted();
        throw error;
      }
    },
    wait<T>(key: string, options: { readonly signal: AbortSignal; readonly deadlineMs?: number | undefined }) {
      const { signal, deadlineMs } = options;
      return new Promise<T | null>((resolve, reject) => {
        if (signal.aborted) {
          reject(signal.reason);
          return;
        }
        const onAbort = (): void => {
          finish();
          reject(signal.reason);
        };
        const answer = (value: unknown): void => {
          finish();
          // Whoever waits for a key names the type of its answer; `resolve` is the other half of the same contract.
          resolve(value as T);
        };
        const timer =
          deadlineMs === undefined ? undefined : setTimeout(() => answer(null), Math.max(0, deadlineMs - Date.now()));
        const finish = (): void => {
          clearTimeout(timer);
          signal.removeEventListener("abort", onAbort);
          waiting.delete(key);
        };
        signal.addEventListener("abort", onAbort, { once: true });
        waiting.set(key, answer);
      });
    },
    resolve(key, value) {
      const answer = waiting.get(key);
      answer?.(value);
      return answer !== undefined;
    },
    now: () => Date.now(),
    id: () => uuidV7(Date.now(), randomBytes(10)),
  };
}
