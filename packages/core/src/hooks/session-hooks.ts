import type { EngineEvent } from "../events/engine-event.ts";
import type { HookSleep } from "./call-hook.ts";
import { type HookEngine, orderOf, type RegisteredHook } from "./hook-engine.ts";
import type { GuardedEvent, HookEvent, PayloadOf } from "./hook-payload.ts";
import { type HookReport, toHookEvent } from "./hook-report.ts";
import { type GuardOutcome, type GuardRun, type HookVerdict, runGuards } from "./run-guards.ts";
import { runObservers } from "./run-observers.ts";

export interface SessionHooksOptions {
  /** Those shared with other sessions, and the session's own: in equal order, hooks of the earlier engine run first. */
  readonly engines: readonly HookEngine[];
  readonly sleep: HookSleep;
  /** Where it is told what hooks have blocked, changed or failed at. */
  readonly onReport: (event: Extract<EngineEvent, { type: "hook" }>) => void;
}

export type BeforeToolOutcome =
  /** `input` is the one to use; when `isChanged`, it is no longer the one given, and is to be prepared and judged anew. */
  { readonly kind: "go-on"; readonly input: unknown; readonly isChanged: boolean } | HookBlock;

/** What must not happen. `reason` names the hook, for the model and the user. */
export interface HookBlock {
  readonly kind: "block";
  readonly reason: string;
  readonly hook: string;
}

type Told<E extends HookEvent> = Omit<PayloadOf<E>, "event">;

interface Hearing {
  /** Absent: it is heard to its end. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The hooks of one session. Guards are asked first, all that apply; observers are told afterwards, of what was not
 * blocked. Where no hook is registered for an event, nothing is done.
 */
export class SessionHooks {
  readonly #options: SessionHooksOptions;

  constructor(options: SessionHooksOptions) {
    this.#options = options;
  }

  /** Whether anyone would hear of an event: false means that there is no need to make its payload. */
  hears(event: HookEvent): boolean {
    return this.#options.engines.some((engine) => engine.hooksFor(event).length > 0);
  }

  /**
   * Asks about a call that is about to run. `judge` validates and judges an input that a hook puts in the place of the
   * model's. Rejects with `signal.reason` when aborted.
   */
  async beforeTool(
    told: Told<"before-tool">,
    { signal, judge }: { readonly signal: AbortSignal; readonly judge: (input: unknown) => Promise<HookVerdict> },
  ): Promise<BeforeToolOutcome> {
    if (!this.hears("before-tool")) return { kind: "go-on", input: told.input, isChanged: false };
    const outcome = await this.#ask(
      "before-tool",
      { ...told, event: "before-tool" },
      {
        signal,
        judge,
        withInput: (payload, { input, subject, paths, command }) => ({ ...payload, input, subject, paths, command }),
      },
    );
    if (outcome.kind === "block") return outcome;
    return { kind: "go-on", input: outcome.payload.input, isChanged: outcome.isChanged };
  }

  /** Tells what came of a call. Does not reject. */
  afterTool(told: Told<"after-tool">, hearing: Hearing = {}): Promise<void> {
    return this.#tell("after-tool", { ...told, event: "after-tool" }, hearing);
  }

  /** Asks about a request to the model. Rejects with `signal.reason` when aborted. */
  beforeGenerate(
    told: Told<"before-generate">,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<{ readonly kind: "go-on" } | HookBlock> {
    return this.#askUnchanged("before-generate", { ...told, event: "before-generate" }, signal);
  }

  /** Tells what the model answered. Does not reject. */
  afterGenerate(told: Told<"after-generate">, hearing: Hearing = {}): Promise<void> {
    return this.#tell("after-generate", { ...told, event: "after-generate" }, hearing);
  }

  /** Does not reject. */
  sessionStart(told: Told<"session-start">, hearing: Hearing = {}): Promise<void> {
    return this.#tell("session-start", { ...told, event: "session-start" }, hearing);
  }

  /** Does not reject. */
  sessionEnd(told: Told<"session-end">, hearing: Hearing = {}): Promise<void> {
    return this.#tell("session-end", { ...told, event: "session-end" }, hearing);
  }

  /** Asks about a skill that is about to be loaded. Rejects with `signal.reason` when aborted. */
  skillLoad(
    told: Told<"skill-load">,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<{ readonly kind: "go-on" } | HookBlock> {
    return this.#askUnchanged("skill-load", { ...told, event: "skill-load" }, signal);
  }

  /** Does not reject. */
  skillUnload(told: Told<"skill-unload">, hearing: Hearing = {}): Promise<void> {
    return this.#tell("skill-unload", { ...told, event: "skill-unload" }, hearing);
  }

  async #askUnchanged<E extends GuardedEvent>(
    event: E,
    payload: PayloadOf<E>,
    signal: AbortSignal,
  ): Promise<{ readonly kind: "go-on" } | HookBlock> {
    if (!this.hears(event)) return { kind: "go-on" };
    const outcome = await this.#ask(event, payload, { signal, judge: null, withInput: (same) => same });
    return outcome.kind === "block" ? outcome : { kind: "go-on" };
  }

  async #ask<E extends GuardedEvent>(
    event: E,
    payload: PayloadOf<E>,
    run: Pick<GuardRun<E>, "signal" | "judge" | "withInput">,
  ): Promise<GuardOutcome<E>> {
    const hooks = this.#hooksFor(event);
    const { sleep } = this.#options;
    const guards = hooks.filter(({ hook }) => hook.role === "guard");
    const outcome = await runGuards(payload, { ...run, guards, sleep, report: this.#report });
    run.signal.throwIfAborted();
    if (outcome.kind === "block" || outcome.skipsRest) return outcome;
    const others = hooks.filter(({ hook }) => hook.role !== "guard");
    await runObservers(outcome.payload, { hooks: others, signal: run.signal, sleep, report: this.#report });
    run.signal.throwIfAborted();
    return outcome;
  }

  async #tell<E extends HookEvent>(event: E, payload: PayloadOf<E>, { signal }: Hearing): Promise<void> {
    if (!this.hears(event)) return;
    const hooks = this.#hooksFor(event);
    const { sleep } = this.#options;
    await runObservers(payload, { hooks, signal: signal ?? new AbortController().signal, sleep, report: this.#report });
  }

  #hooksFor<E extends HookEvent>(event: E): readonly RegisteredHook<E>[] {
    const [only, ...others] = this.#options.engines;
    if (only !== undefined && others.length === 0) return only.hooksFor(event);
    const hooks = this.#options.engines.flatMap((engine) => engine.hooksFor(event));
    return hooks.toSorted((first, second) => orderOf(first) - orderOf(second));
  }

  readonly #report = (report: HookReport): void => this.#options.onReport(toHookEvent(report));
}
