import type { EngineEvent } from "../events/engine-event.ts";
import { decideBudget, type TurnBudget } from "../ledger/budget.ts";
import type { TokenUsage } from "../ports/llm-provider.ts";
import type { UsageRecord } from "../store/ledger-store.ts";
import type { TurnOutcome } from "../store/turn-outcome.ts";

/** What one turn has used of its budget. */
export class Spending {
  readonly #budget: TurnBudget;
  readonly #now: () => number;
  readonly #startedAtMs: number;
  #costMicros = 0;
  #unpricedRequests = 0;
  #steps = 0;
  #warning: string | null = null;

  constructor(budget: TurnBudget, now: () => number) {
    this.#budget = budget;
    this.#now = now;
    this.#startedAtMs = now();
  }

  /** What the turn has used in an earlier process, or before a pause; its time begins anew. */
  takeUp(usage: readonly UsageRecord[]): void {
    for (const request of usage) {
      this.#count(request);
      this.#steps = Math.max(this.#steps, request.step - 1);
    }
  }

  hear(event: EngineEvent): void {
    if (event.type === "step-end") this.#steps += 1;
    if (event.type === "usage") this.#count(event);
  }

  /** Null while the turn may go on. */
  check(): TurnOutcome | null {
    const verdict = decideBudget(this.#budget, {
      costMicros: this.#costMicros,
      unpricedRequests: this.#unpricedRequests,
      elapsedMs: this.#now() - this.#startedAtMs,
      steps: this.#steps,
    });
    if (verdict.kind === "limit") return verdict;
    this.#warning ??= verdict.warning;
    return null;
  }

  /** A bound that cannot be kept, said once. */
  takeWarning(): string | null {
    const warning = this.#warning;
    if (warning !== null) this.#warning = "";
    return warning === "" ? null : warning;
  }

  #count({ costMicros, inputTokens, outputTokens }: Pick<UsageRecord, "costMicros" | keyof TokenUsage>): void {
    if (costMicros === null) this.#unpricedRequests += inputTokens + outputTokens > 0 ? 1 : 0;
    else this.#costMicros += costMicros;
  }
}
