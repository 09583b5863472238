/** Changes to values in memory that happen together or not at all. */
export class UndoLog {
  #undo: (() => void)[] = [];
  #depth = 0;

  /** Takes back what `act` changed through this log when it throws. Within another one it is a part of that one. */
  transaction<T>(act: () => T): T {
    const mark = this.#undo.length;
    this.#depth += 1;
    try {
      return act();
    } catch (error) {
      for (const undo of this.#undo.splice(mark).reverse()) undo();
      throw error;
    } finally {
      this.#depth -= 1;
      if (this.#depth === 0) this.#undo = [];
    }
  }

  set<Key, Value>(map: Map<Key, Value>, key: Key, value: Value): void {
    const before = map.get(key);
    this.#undo.push(before === undefined ? () => map.delete(key) : () => map.set(key, before));
    map.set(key, value);
  }

  /** How many of them were there. */
  remove<Key, Value>(map: Map<Key, Value>, keys: readonly Key[]): number {
    const before = [...map];
    this.#undo.push(() => {
      map.clear();
      for (const [otherKey, value] of before) map.set(otherKey, value);
    });
    return keys.filter((key) => map.delete(key)).length;
  }

  push<Value>(list: Value[], value: Value): void {
    this.#undo.push(() => list.pop());
    list.push(value);
  }

  assign<Target extends object>(target: Target, change: Partial<Target>): void {
    const before = { ...target };
    this.#undo.push(() => Object.assign(target, before));
    Object.assign(target, change);
  }
}
