import { callHook, type HookCall, type HookSleep } from "./call-hook.ts";
import type { Hook } from "./hook.ts";
import type { RegisteredHook } from "./hook-engine.ts";
import type { HookEvent, PayloadOf } from "./hook-payload.ts";
import type { HookReport } from "./hook-report.ts";

export interface ObserverRun<E extends HookEvent> {
  /** Observers and async hooks, in their order. */
  readonly hooks: readonly RegisteredHook<E>[];
  readonly signal: AbortSignal;
  readonly sleep: HookSleep;
  readonly report: (report: HookReport) => void;
}

/**
 * Tells observers, one after the other, and waits for those that are to be waited for. What goes wrong in one is
 * reported and passed over. Once `signal` aborts, nothing is waited for any more. Does not reject.
 */
export async function runObservers<E extends HookEvent>(payload: PayloadOf<E>, run: ObserverRun<E>): Promise<void> {
  const { hooks, signal, sleep, report } = run;
  for (const { hook, matches, background } of hooks) {
    if (!matches(payload)) continue;
    if (hook.role === "async" || signal.aborted) {
      background.start(hook, payload, { sleep, report });
      continue;
    }
    try {
      const call = await callHook(hook, payload, { signal, sleep });
      if (call.kind === "answered" && call.answer.kind === "skip-rest") return;
      const problem = findProblem(hook, call);
      if (problem !== null) report({ hook: hook.name, event: hook.event, ...problem });
    } catch (error) {
      // Rejects for an abort alone: the hook has been told, and the next ones are still to hear of the event.
      if (!signal.aborted) throw error;
    }
  }
}

function findProblem({ name }: Pick<Hook, "name">, call: HookCall): Pick<HookReport, "outcome" | "message"> | null {
  if (call.kind !== "answered") return { outcome: call.kind, message: call.message };
  if (call.answer.kind === "continue") return null;
  const message = `the hook ${JSON.stringify(name)} answered ${call.answer.kind}, but it is an observer, which decides nothing`;
  return { outcome: "failed", message };
}
