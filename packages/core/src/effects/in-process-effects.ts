import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Effects } from "../ports/effects.ts";
import { uuidV7 } from "./uuid-v7.ts";

/** What one timer of Node can hold; a longer one would fire at once. */
const maxTimerMs = 2 ** 31 - 1;

/** Effects of one process: real time, real chance, and waits that live as long as the process. */
export function createInProcessEffects(): Effects {
  const waiting = new Map<string, (value: unknown) => void>();

  return {
    run: async (_key, act) => act(),
    async sleep(_key, durationMs, { signal }) {
      signal.throwIfAborted();
      try {
        for (let leftMs = durationMs; ; leftMs -= maxTimerMs) {
          await delay(Math.min(leftMs, maxTimerMs), undefined, { signal });
          if (leftMs <= maxTimerMs) return;
        }
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
        const over = new AbortController();
        if (deadlineMs !== undefined) {
          void this.sleep(key, Math.max(0, deadlineMs - Date.now()), { signal: over.signal })
            .then(() => answer(null))
            .catch(() => undefined); // answered before
        }
        const finish = (): void => {
          over.abort("it is over");
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
