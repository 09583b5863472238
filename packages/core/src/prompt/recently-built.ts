/**
 * The values built last, by what they were built from; those used longest ago are dropped first. Nothing but time
 * depends on what is kept.
 */
export class RecentlyBuilt<Value> {
  readonly #maxKept: number;
  /** The one used last at the end. */
  readonly #values = new Map<string, Value>();
  #builds = 0;

  constructor(maxKept: number) {
    this.#maxKept = maxKept;
  }

  /** How many values were built so far: it stands still while nothing changes. */
  get builds(): number {
    return this.#builds;
  }

  /** Of what `build` throws nothing is kept: the next call tries again. */
  getOrBuild(key: string, build: () => Value): Value {
    const known = this.#values.get(key);
    const value = known ?? build();
    if (known === undefined) this.#builds += 1;
    this.#values.delete(key);
    this.#values.set(key, value);
    const [oldest] = this.#values.keys();
    if (this.#values.size > this.#maxKept && oldest !== undefined) this.#values.delete(oldest);
    return value;
  }

  clear(): void {
    this.#values.clear();
  }
}
