import { isDeepStrictEqual } from "node:util";
import { callHook, type HookSleep } from "./call-hook.ts";
import type { HookAnswer } from "./hook.ts";
import type { RegisteredHook } from "./hook-engine.ts";
import type { GuardedEvent, HookedInput, PayloadOf } from "./hook-payload.ts";
import type { HookReport } from "./hook-report.ts";

/** What became of something that guards were asked about. `hook`: the name of the one that blocks. */
export type GuardOutcome<E extends GuardedEvent> =
  | { readonly kind: "go-on"; readonly payload: PayloadOf<E>; readonly isChanged: boolean; readonly skipsRest: boolean }
  | { readonly kind: "block"; readonly reason: string; readonly hook: string };

/** The judgement of an input that a hook has put in the place of the model's. */
export type HookVerdict =
  | ({ readonly kind: "run" | "ask" } & HookedInput)
  | { readonly kind: "block"; readonly reason: string };

export interface GuardRun<E extends GuardedEvent> {
  /** Guards alone, in their order. */
  readonly guards: readonly RegisteredHook<E>[];
  readonly signal: AbortSignal;
  readonly sleep: HookSleep;
  readonly report: (report: HookReport) => void;
  /** Judges another input; null where there is none to change. */
  readonly judge: ((input: unknown) => Promise<HookVerdict>) | null;
  /** The payload with another input. */
  readonly withInput: (payload: PayloadOf<E>, input: HookedInput) => PayloadOf<E>;
}

/** How often one guard is asked about one event. More would be guards that change each other's changes. */
const maxAsks = 3;
const maxReasonLength = 2000;

/**
 * Asks guards until each one that applies has seen, or itself made, the input that is to be used. The first that blocks
 * ends it; nothing after that is asked, so nothing can undo it. One that fails or takes too long blocks. An input that
 * a guard changes is judged before anyone else sees it. Rejects only with `signal.reason`.
 */
export async function runGuards<E extends GuardedEvent>(
  payload: PayloadOf<E>,
  run: GuardRun<E>,
): Promise<GuardOutcome<E>> {
  const { guards, signal, sleep, report } = run;
  const asks = new Map<RegisteredHook<E>, number>();
  let content = new Set<RegisteredHook<E>>();
  let current = payload;
  let isChanged = false;
  let skipsRest = false;
  while (true) {
    const guard = guards.find((each) => !content.has(each) && each.matches(current));
    if (guard === undefined) return { kind: "go-on", payload: current, isChanged, skipsRest };
    const { hook } = guard;
    const block = (reason: string, outcome: HookReport["outcome"] = "blocked"): GuardOutcome<E> => {
      report({ hook: hook.name, event: hook.event, outcome, message: reason });
      return { kind: "block", reason, hook: hook.name };
    };
    const named = `the hook ${JSON.stringify(hook.name)}`;
    const asked = (asks.get(guard) ?? 0) + 1;
    asks.set(guard, asked);
    if (asked > maxAsks) return block(`${named} was asked ${maxAsks} times and nothing was settled`);

    const call = await callHook(hook, current, { signal, sleep });
    if (call.kind !== "answered") return block(call.message, call.kind);
    const { answer } = call;
    switch (answer.kind) {
      case "continue":
        content.add(guard);
        break;
      case "skip-rest":
        content.add(guard);
        if (!skipsRest) {
          const message = `${named} keeps observers from being told of this`;
          report({ hook: hook.name, event: hook.event, outcome: "changed", message });
        }
        skipsRest = true;
        break;
      case "block":
        return block(`${named} says: ${answer.reason.slice(0, maxReasonLength)}`);
      case "retry-after":
        await sleep(answer.ms, signal);
        break;
      case "change": {
        const change = await judgeChange(current, answer, run);
        if (change.kind === "block") return block(`${named} ${change.reason}`, change.outcome);
        content.add(guard);
        if (change.kind === "same") break;
        current = change.payload;
        isChanged = true;
        content = new Set([guard]);
        report({ hook: hook.name, event: hook.event, outcome: "changed", message: `${named} changed the input` });
        break;
      }
      default:
        answer satisfies never;
    }
  }
}

type Change<E extends GuardedEvent> =
  | { readonly kind: "same" }
  | { readonly kind: "changed"; readonly payload: PayloadOf<E> }
  | { readonly kind: "block"; readonly reason: string; readonly outcome: HookReport["outcome"] };

async function judgeChange<E extends GuardedEvent>(
  payload: PayloadOf<E>,
  { input }: Extract<HookAnswer, { kind: "change" }>,
  { judge, withInput, signal }: GuardRun<E>,
): Promise<Change<E>> {
  if (judge === null) {
    return { kind: "block", reason: "answered change, but there is no input to change", outcome: "failed" };
  }
  if ("input" in payload && isDeepStrictEqual(input, payload.input)) return { kind: "same" };
  try {
    const verdict = await judge(input);
    if (verdict.kind !== "block") return { kind: "changed", payload: withInput(payload, verdict) };
    return { kind: "block", reason: `changed the input to one that is blocked: ${verdict.reason}`, outcome: "blocked" };
  } catch (error) {
    signal.throwIfAborted();
    const message = error instanceof Error ? error.message : String(error);
    return { kind: "block", reason: `changed the input to one that cannot be judged: ${message}`, outcome: "failed" };
  }
}
