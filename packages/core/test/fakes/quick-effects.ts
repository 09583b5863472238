import { createInProcessEffects } from "../../src/effects/in-process-effects.ts";
import type { Effects } from "../../src/ports/effects.ts";

/** Real effects, but waits between retries take no time; what would have been waited is kept. */
export function createQuickEffects(): Effects & { readonly backoffsMs: number[]; readonly keys: string[] } {
  const real = createInProcessEffects();
  const backoffsMs: number[] = [];
  const keys: string[] = [];
  return {
    ...real,
    backoffsMs,
    keys,
    run(key, act) {
      keys.push(key);
      return real.run(key, act);
    },
    sleep(key, durationMs, options) {
      if (!key.endsWith("/backoff")) return real.sleep(key, durationMs, options);
      backoffsMs.push(durationMs);
      return real.sleep(key, 0, options);
    },
  };
}
