import type { Store } from "../store/store.ts";
import { type PermissionRule, parsePermissionRule } from "../trust/permission-rule.ts";
import type { TrustMode } from "../trust/trust-mode.ts";
import type { TurnTrust } from "../turn/turn-context.ts";

/** The trust of one session: its mode, and the permission rules of its project as the store has them. */
export class SessionTrust implements TurnTrust {
  readonly #store: Store;
  readonly #projectRoot: string;
  readonly #now: () => number;
  #mode: TrustMode;
  #rules: readonly PermissionRule[];

  /** @throws {CoreError} `bad_rule` when a stored rule cannot be read: a deny rule must not vanish silently. */
  constructor(options: {
    readonly store: Store;
    readonly projectRoot: string;
    readonly mode: TrustMode;
    readonly now: () => number;
  }) {
    this.#store = options.store;
    this.#projectRoot = options.projectRoot;
    this.#now = options.now;
    this.#mode = options.mode;
    this.#rules = this.#load();
  }

  mode(): TrustMode {
    return this.#mode;
  }

  setMode(mode: TrustMode): void {
    this.#mode = mode;
  }

  rules(): readonly PermissionRule[] {
    return this.#rules;
  }

  /** Takes up rules that another process has added since. */
  reload(): void {
    this.#rules = this.#load();
  }

  allowAlways(text: string): void {
    const rule = parsePermissionRule("allow", text);
    // In force here even when it cannot be stored.
    this.#rules = [...this.#rules, rule];
    this.#store.addPermissionRule(this.#projectRoot, { verdict: "allow", text }, this.#now());
  }

  #load(): readonly PermissionRule[] {
    return this.#store
      .listPermissionRules(this.#projectRoot)
      .map(({ verdict, text }) => parsePermissionRule(verdict, text));
  }
}
