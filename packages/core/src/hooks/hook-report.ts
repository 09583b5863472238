import type { EngineEvent } from "../events/engine-event.ts";
import type { HookEvent } from "./hook-payload.ts";

type HookEngineEvent = Extract<EngineEvent, { type: "hook" }>;

/** Something of a hook that people should hear of. That one was run and let things pass is none. */
export interface HookReport {
  /** Its name. */
  readonly hook: string;
  readonly event: HookEvent;
  readonly outcome: HookEngineEvent["outcome"];
  readonly message: string;
}

export const toHookEvent = ({ hook, event, outcome, message }: HookReport): HookEngineEvent => ({
  type: "hook",
  name: hook,
  event,
  outcome,
  message,
});
