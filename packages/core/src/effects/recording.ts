/** What the effects of some turns gave, in the order and under the keys in which the turns asked. Plain JSON. */
export interface EffectRecording {
  readonly version: 1;
  /** What `run` gave, by key. A key is used once. */
  readonly results: Record<string, unknown>;
  /** What `wait` gave, by key; null for none in time. */
  readonly answers: Record<string, unknown>;
  readonly ids: string[];
  readonly timesMs: number[];
}

/** For {@link recordEffects} to fill. */
export const createEffectRecording = (): EffectRecording => ({
  version: 1,
  results: {},
  answers: {},
  ids: [],
  timesMs: [],
});
