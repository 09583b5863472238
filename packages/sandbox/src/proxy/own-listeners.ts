/** Something that listens, and knows which addresses lead to it. */
interface OwnListener {
  isSelf(address: string, port: number): boolean;
}

/** The listeners that a proxy never connects to, whatever its rules say. Proxies that share one spare each other, too. */
export class OwnListeners {
  readonly #listeners = new Set<OwnListener>();

  /** @internal The proxy does it. */
  add(listener: OwnListener): void {
    this.#listeners.add(listener);
  }

  /** @internal */
  delete(listener: OwnListener): void {
    this.#listeners.delete(listener);
  }

  has(address: string, port: number): boolean {
    for (const listener of this.#listeners) if (listener.isSelf(address, port)) return true;
    return false;
  }
}
