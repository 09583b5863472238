import { CoreError } from "../errors.ts";
import type { Effects } from "../ports/effects.ts";
import type { EffectRecording } from "./recording.ts";

/**
 * `effects`, with everything they give kept in `recording`, so that `replayEffects` can give it again. A result has to be
 * JSON: what the recording holds is what JSON makes of it.
 */
export function recordEffects(effects: Effects, recording: EffectRecording): Effects {
  return {
    async run(key, act) {
      if (Object.hasOwn(recording.results, key)) throw new CoreError("bad_option", `the key ${key} was used twice`);
      const result = await effects.run(key, act);
      recording.results[key] = result;
      return result;
    },
    sleep: (key, durationMs, options) => effects.sleep(key, durationMs, options),
    async wait<T>(key: string, options: Parameters<Effects["wait"]>[1]) {
      const answer = await effects.wait<T>(key, options);
      recording.answers[key] = answer;
      return answer;
    },
    resolve: (key, value) => effects.resolve(key, value),
    now() {
      const nowMs = effects.now();
      recording.timesMs.push(nowMs);
      return nowMs;
    },
    id() {
      const id = effects.id();
      recording.ids.push(id);
      return id;
    },
  };
}
