import { CoreError } from "../errors.ts";
import type { HookMatcher } from "./hook-matcher.ts";
import { type HookEvent, hookEvents, type PayloadOf } from "./hook-payload.ts";

/**
 * `guard`: decides whether something happens; one that fails or takes too long stops it. `observer`: is waited for and
 * decides nothing; one that fails is reported and passed over. `async`: as an observer, and nobody waits for it.
 */
export type HookRole = "guard" | "observer" | "async";

/** Something that is run when something else happens in a session. */
export interface Hook<E extends HookEvent = HookEvent> {
  /** For reports and reasons: up to 100 characters, without control characters. */
  readonly name: string;
  readonly event: E;
  readonly role: HookRole;
  /** Lower runs first; equal ones in the order they were registered. Absent: 100. */
  readonly order?: number | undefined;
  /** Absent: 30,000; at most 600,000. */
  readonly timeoutMs?: number | undefined;
  /** Absent: it is run every time. */
  readonly matcher?: HookMatcher | undefined;
  /** `signal` aborts when nobody waits for the answer any more. */
  readonly run: (payload: PayloadOf<E>, options: { readonly signal: AbortSignal }) => Promise<HookAnswer>;
}

/**
 * What a hook wants. `change`, of a `before-tool` guard: another input, which is judged like one of the model's own and
 * shown to all other guards. `block`, of a guard: it does not happen; the model reads the reason. `skip-rest`: the
 * observers after it are not told; a guard is never skipped. `retry-after`, of a guard: ask again then; at most 300,000.
 */
export type HookAnswer =
  | { readonly kind: "continue" }
  | { readonly kind: "change"; readonly input: unknown }
  | { readonly kind: "block"; readonly reason: string }
  | { readonly kind: "skip-rest" }
  | { readonly kind: "retry-after"; readonly ms: number };

export const defaultHookOrder = 100;
export const defaultHookTimeoutMs = 30_000;
const maxTimeoutMs = 600_000;

export const hookRoles: readonly HookRole[] = ["guard", "observer", "async"];

const guardedEvents: ReadonlySet<HookEvent> = new Set<HookEvent>(["before-tool", "before-generate", "skill-load"]);

/** @throws {CoreError} `bad_hook` that says which field is wrong, and what it is to be. */
export function checkHook({ name, event, role, order, timeoutMs }: Omit<Hook, "run" | "matcher">): void {
  if (name === "" || name.length > 100 || /\p{Cc}/u.test(name)) {
    throw badHook(name, "name", "is to have 1 to 100 characters, none of them a control character");
  }
  if (!hookEvents.includes(event)) throw badHook(name, "event", `is to be one of ${hookEvents.join(", ")}`);
  if (!hookRoles.includes(role)) throw badHook(name, "role", `is to be one of ${hookRoles.join(", ")}`);
  if (role === "guard" && !guardedEvents.has(event)) {
    throw badHook(name, "role", `cannot be guard for ${event}: only ${[...guardedEvents].join(", ")} can be stopped`);
  }
  if (order !== undefined && !Number.isSafeInteger(order)) {
    throw badHook(name, "order", `is to be a whole number, not ${String(order)}`);
  }
  if (timeoutMs === undefined) return;
  if (!Number.isSafeInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > maxTimeoutMs) {
    throw badHook(name, "timeoutMs", `is to be a whole number from 1 to ${maxTimeoutMs}, not ${String(timeoutMs)}`);
  }
}

/** The error for one field of a hook. */
export function badHook(name: string, field: string, problem: string, options?: ErrorOptions): CoreError {
  return new CoreError("bad_hook", `the hook ${JSON.stringify(name.slice(0, 100))}: ${field} ${problem}`, options);
}
