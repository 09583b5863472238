import type { EngineEvent, KodaSession, Listener } from "@koda/core";

/** Looks on at sessions on behalf of somebody outside. Nothing that it fails to do harms one. */
export interface SessionObserver {
  /** Begins with one session. `listener` is to be told every event of it, `session-start` first. */
  observe(session: KodaSession): { readonly listener: Listener<EngineEvent>; close(): void };
}
