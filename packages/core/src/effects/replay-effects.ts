import { CoreError } from "../errors.ts";
import type { Effects } from "../ports/effects.ts";
import type { EffectRecording } from "./recording.ts";

/**
 * Gives what was recorded, and does nothing: no provider is asked and no tool runs. Turns that are given the same prompts
 * make the same entries. Nothing is waited for. What was never recorded rejects with {@link CoreError} `bad_option`: then
 * the turn is not the recorded one.
 */
export function replayEffects(recording: EffectRecording): Effects {
  const ids = recording.ids.values();
  const timesMs = recording.timesMs.values();
  let lastMs = recording.timesMs[0] ?? 0;

  const take = (from: Readonly<Record<string, unknown>>, key: string): unknown => {
    if (!Object.hasOwn(from, key)) throw new CoreError("bad_option", `the recording has nothing for ${key}`);
    return from[key];
  };

  return {
    // What the recording holds for a key is what the same key gave, and so of the same type.
    run: async <T>(key: string) => take(recording.results, key) as T,
    async sleep(_key, _durationMs, { signal }) {
      signal.throwIfAborted();
    },
    wait: async <T>(key: string) => take(recording.answers, key) as T | null,
    resolve: () => false,
    now() {
      lastMs = timesMs.next().value ?? lastMs;
      return lastMs;
    },
    id() {
      const id = ids.next().value;
      if (id === undefined) throw new CoreError("bad_option", "the recording has no more ids");
      return id;
    },
  };
}
