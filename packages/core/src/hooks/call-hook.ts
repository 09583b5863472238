import { z } from "zod";
import { abortable } from "../turn/abortable.ts";
import { defaultHookTimeoutMs, type Hook, type HookAnswer } from "./hook.ts";
import type { HookEvent, PayloadOf } from "./hook-payload.ts";

/** Rejects with the reason of `signal` when it aborts. */
export type HookSleep = (durationMs: number, signal: AbortSignal) => Promise<void>;

/** What came of one hook. `message` names it. */
export type HookCall =
  | { readonly kind: "answered"; readonly answer: HookAnswer }
  | { readonly kind: "failed" | "timed-out"; readonly message: string };

export interface HookCallOptions {
  readonly signal: AbortSignal;
  readonly sleep: HookSleep;
}

const maxMessageLength = 500;

/**
 * Runs one hook on a copy of the payload, for as long as it may take. Whatever it does is a value; rejects only with
 * `signal.reason`. One that is not waited for any more is told by its own signal, and what it still does has no effect.
 */
export async function callHook<E extends HookEvent>(
  hook: Hook<E>,
  payload: PayloadOf<E>,
  { signal, sleep }: HookCallOptions,
): Promise<HookCall> {
  signal.throwIfAborted();
  const stop = new AbortController();
  const timer = new AbortController();
  const timeoutMs = hook.timeoutMs ?? defaultHookTimeoutMs;
  const named = `the hook ${JSON.stringify(hook.name)}`;
  const late = sleep(timeoutMs, timer.signal).then(
    (): HookCall => ({ kind: "timed-out", message: `${named} did not answer within ${timeoutMs} ms` }),
    (error: unknown) => toFailure(named, error),
  );
  try {
    return await abortable(Promise.race([run(hook, payload, stop.signal), late]), signal);
  } finally {
    timer.abort();
    stop.abort(signal.reason);
  }
}

async function run<E extends HookEvent>(hook: Hook<E>, payload: PayloadOf<E>, signal: AbortSignal): Promise<HookCall> {
  const named = `the hook ${JSON.stringify(hook.name)}`;
  try {
    // A copy in and a copy out: nothing that it keeps and changes later reaches what is run.
    const given: unknown = await hook.run(structuredClone(payload), { signal });
    const parsed = hookAnswer.safeParse(structuredClone(given));
    if (parsed.success) return { kind: "answered", answer: parsed.data };
    return { kind: "failed", message: `${named} gave an answer that is none: ${z.prettifyError(parsed.error)}` };
  } catch (error) {
    return toFailure(named, error);
  }
}

function toFailure(named: string, error: unknown): HookCall {
  const message = error instanceof Error ? error.message : String(error);
  return { kind: "failed", message: `${named} failed: ${message.slice(0, maxMessageLength)}` };
}

const hookAnswer = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("continue") }),
  z.object({ kind: z.literal("change"), input: z.unknown() }),
  z.object({ kind: z.literal("block"), reason: z.string() }),
  z.object({ kind: z.literal("skip-rest") }),
  z.object({ kind: z.literal("retry-after"), ms: z.int().min(0).max(300_000) }),
]);
