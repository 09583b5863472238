import { callHook, type HookSleep } from "./call-hook.ts";
import type { Hook } from "./hook.ts";
import type { HookEvent, PayloadOf } from "./hook-payload.ts";
import type { HookReport } from "./hook-report.ts";

/** More than any session has at once; a hook that hangs must not gather without end. */
const maxInFlight = 64;

/** Runs hooks that nobody waits for, at most 64 at once. */
export class BackgroundHooks {
  readonly #inFlight = new Set<Promise<void>>();

  /** Starts a hook; one too many is dropped, with a report. */
  start<E extends HookEvent>(
    hook: Hook<E>,
    payload: PayloadOf<E>,
    { sleep, report }: { readonly sleep: HookSleep; readonly report: (report: HookReport) => void },
  ): void {
    if (this.#inFlight.size >= maxInFlight) {
      const message = `the hook ${JSON.stringify(hook.name)} was not run: ${maxInFlight} are running that nobody waits for`;
      report({ hook: hook.name, event: hook.event, outcome: "failed", message });
      return;
    }
    const work = this.#run(hook, payload, { sleep, report }).finally(() => this.#inFlight.delete(work));
    this.#inFlight.add(work);
  }

  /** Resolves when none is running; each ends by its time limit at the latest. */
  async settled(): Promise<void> {
    while (this.#inFlight.size > 0) await Promise.all(this.#inFlight);
  }

  async #run<E extends HookEvent>(
    hook: Hook<E>,
    payload: PayloadOf<E>,
    { sleep, report }: { readonly sleep: HookSleep; readonly report: (report: HookReport) => void },
  ): Promise<void> {
    // The end of a turn does not end it.
    const { signal } = new AbortController();
    const call = await callHook(hook, payload, { signal, sleep });
    if (call.kind === "answered") return;
    report({ hook: hook.name, event: hook.event, outcome: call.kind, message: call.message });
  }
}
