import type { EngineCommand } from "@koda/core";
import type { ViewState } from "./view-state.ts";

/** What must be done in the world, in order. */
export type TuiEffect =
  /** `inputId`: the queued input that the prompt is; null for one that was typed. */
  | { readonly type: "run-turn"; readonly prompt: string; readonly inputId: string | null }
  | { readonly type: "continue-turn" }
  | { readonly type: "stop-turn" }
  | { readonly type: "send"; readonly command: EngineCommand }
  | { readonly type: "list-sessions" }
  | { readonly type: "open-session"; readonly id: string }
  | { readonly type: "list-models" }
  | { readonly type: "switch-model"; readonly model: string }
  | { readonly type: "rewind" }
  | { readonly type: "compact" }
  | { readonly type: "exit" };

/** The next screen, and what to do. */
export interface Step {
  readonly state: ViewState;
  readonly effects: readonly TuiEffect[];
}

export function step(state: ViewState, ...effects: readonly TuiEffect[]): Step {
  return { state, effects };
}
