import type { CoreError } from "../errors.ts";
import type { EngineEvent } from "../events/engine-event.ts";

/** Tells what could not be saved: each thing once in a turn. */
export class LossReport {
  readonly #emit: (event: EngineEvent) => void;
  readonly #told = new Set<string>();

  constructor(emit: (event: EngineEvent) => void) {
    this.#emit = emit;
  }

  reset(): void {
    this.#told.clear();
  }

  tell(error: CoreError): void {
    const key = error.code === "store_rejected" ? error.message : error.code;
    if (this.#told.has(key)) return;
    this.#told.add(key);
    this.#emit({ type: "warning", code: "persistence_failed", message: toMessage(error) });
  }
}

function toMessage(error: CoreError): string {
  switch (error.code) {
    case "store_rejected":
      return `the session goes on and is saved, but without this: ${error.message}`;
    case "lease_lost":
      return `the session ends here, since another process writes to it now: ${error.message}`;
    default:
      return `the session goes on, but is not being saved: ${error.message}`;
  }
}
