import assert from "node:assert/strict";
import type { CoreErrorCode } from "../errors.ts";
import type { Store } from "../store/store.ts";

/** One rule that every store keeps. */
export interface StoreConformanceCase {
  /** The rule. */
  readonly title: string;
  /** Throws when the store breaks it. `open` gives a new, empty store each time; the case closes what it opened. */
  run(open: () => Store): void | Promise<void>;
}

/** A case that works on one store. */
export function toCase(title: string, check: (store: Store) => void): StoreConformanceCase {
  return {
    title,
    run(open) {
      const store = open();
      try {
        check(store);
      } finally {
        store.close();
      }
    },
  };
}

/** Fails unless `act` throws our error with that code. */
export function assertRefused(code: CoreErrorCode, act: () => unknown): void {
  assert.throws(act, (error) => error instanceof Error && "code" in error && error.code === code, `wanted ${code}`);
}
