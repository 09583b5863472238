/**
 * What a server does at the signals of its process. SIGHUP reloads, one at a time, and never ends it; the first SIGTERM
 * or SIGINT stops it, another one hurries it. Disposing gives the signals back.
 */
export class ProcessSignals implements Disposable {
  /** Resolves at the first signal to stop. */
  readonly stopped: Promise<void>;
  /** Resolves at the second. */
  readonly hurried: Promise<void>;
  readonly #listeners: readonly (readonly [NodeJS.Signals, () => void])[];

  /** `reload` never rejects. */
  constructor(reload: () => Promise<void>) {
    const stop = Promise.withResolvers<void>();
    const hurry = Promise.withResolvers<void>();
    let isStopped = false;
    let reloading = Promise.resolve();
    const onReload = (): void => {
      reloading = reloading.then(() => (isStopped ? undefined : reload())); // in turn: the last file read is the last in force
    };
    const onStop = (): void => {
      if (isStopped) hurry.resolve();
      isStopped = true;
      stop.resolve();
    };
    this.stopped = stop.promise;
    this.hurried = hurry.promise;
    this.#listeners = [
      ["SIGHUP", onReload],
      ["SIGTERM", onStop],
      ["SIGINT", onStop],
    ];
    for (const [signal, listener] of this.#listeners) process.on(signal, listener);
  }

  [Symbol.dispose](): void {
    for (const [signal, listener] of this.#listeners) process.off(signal, listener);
  }
}
