import { BackgroundHooks } from "./background-hooks.ts";
import { badHook, checkHook, defaultHookOrder, type Hook } from "./hook.ts";
import { compileMatcher } from "./hook-matcher.ts";
import type { HookEvent, HookPayload } from "./hook-payload.ts";

/** A hook with its matcher compiled, and those that run in the background of its engine. */
export interface RegisteredHook<E extends HookEvent> {
  readonly hook: Hook<E>;
  readonly matches: (payload: HookPayload) => boolean;
  readonly background: BackgroundHooks;
}

/**
 * The hooks of a program. It may serve any number of sessions at once, and is no part of any of them: nothing of it is
 * stored, and a resumed session has the hooks of the process that resumes it.
 */
export class HookEngine {
  readonly #lists: { readonly [E in HookEvent]: HookList<E> } = {
    "before-tool": { hooks: [] },
    "after-tool": { hooks: [] },
    "before-generate": { hooks: [] },
    "after-generate": { hooks: [] },
    "session-start": { hooks: [] },
    "session-end": { hooks: [] },
    "skill-load": { hooks: [] },
    "skill-unload": { hooks: [] },
  };
  readonly #background = new BackgroundHooks();

  /**
   * Adds a hook; what it returns takes it away again. Neither changes events that are being handled.
   *
   * @throws {CoreError} `bad_hook` that says which field is wrong.
   */
  register<E extends HookEvent>(hook: Hook<E>): () => void {
    checkHook(hook);
    const registered = { hook, matches: compile(hook), background: this.#background };
    const list: HookList<E> = this.#lists[hook.event];
    list.hooks = [...list.hooks, registered].toSorted((first, second) => orderOf(first) - orderOf(second));
    return () => {
      list.hooks = list.hooks.filter((each) => each !== registered);
    };
  }

  /** In the order they are run. */
  hooksFor<E extends HookEvent>(event: E): readonly RegisteredHook<E>[] {
    return this.#lists[event].hooks;
  }

  /** Resolves when no hook is running that nobody waits for: what a program awaits before it ends. */
  settled(): Promise<void> {
    return this.#background.settled();
  }
}

/** Replaced as a whole, so that an event that is being handled keeps the hooks it began with. */
interface HookList<E extends HookEvent> {
  hooks: readonly RegisteredHook<E>[];
}

/** Lower runs first. */
export const orderOf = ({ hook }: { readonly hook: Pick<Hook, "order"> }): number => hook.order ?? defaultHookOrder;

function compile({ name, matcher }: Pick<Hook, "name" | "matcher">): (payload: HookPayload) => boolean {
  try {
    return compileMatcher(matcher ?? {});
  } catch (error) {
    throw badHook(name, "matcher", "has a pattern that cannot be read", { cause: error });
  }
}
