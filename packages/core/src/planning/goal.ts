import type { Complete } from "../completion/direct-completion.ts";
import type { EngineSink } from "../events/engine-sink.ts";
import type { Runner } from "../ports/runner.ts";
import { judgeCriterion } from "./judge-criterion.ts";

/**
 * What must hold for a goal to be achieved. A command is the user's or the embedder's own, never a model's: it runs
 * without being asked about, confined like every other.
 */
export type GoalCriterion =
  /** Met when it ends with status 0 within its time. */
  | { readonly kind: "command"; readonly command: string }
  /** Met when a model that is shown the evidence says so, in the form asked for. */
  | { readonly kind: "judged"; readonly text: string };

export interface Goal {
  readonly text: string;
  /** Without any, a goal is never achieved. */
  readonly criteria: readonly GoalCriterion[];
}

export interface GoalTrackerOptions {
  readonly goal: Goal;
  readonly runner: Runner;
  readonly complete: Complete;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly emit: EngineSink;
  /** For each command. Default 600,000: a whole test suite. */
  readonly commandTimeoutMs?: number | undefined;
}

export interface GoalCheck {
  /** Connections that the commands make are recorded under this id. */
  readonly callId: string;
  /** What a judge is shown: what was said and done. Its end, where it is long. */
  readonly evidence: string;
  /** The project is mounted read-only for the commands. */
  readonly isReadOnly: boolean;
  readonly signal: AbortSignal;
}

export interface GoalReport {
  /** The share of criteria that are met, 0 to 1. */
  readonly progress: number;
  /** The criteria that are not. */
  readonly unmet: readonly string[];
  readonly isAchieved: boolean;
}

/** Follows one goal: how much of it is met, and, once, that it is achieved. Time counts from when this was made. */
export class GoalTracker {
  readonly #options: GoalTrackerOptions;
  readonly #startedAtMs: number;
  #isAchieved = false;

  constructor(options: GoalTrackerOptions) {
    this.#options = options;
    this.#startedAtMs = options.now();
  }

  /**
   * Looks at every criterion and tells `goal-progress`; when all are met, `goal-achieved` with the time it took. A
   * criterion that cannot be looked at (a judge that fails or rambles, a command that cannot start) is not met. After
   * the goal was achieved nothing is run or told again.
   *
   * Rejects with `signal.reason` when aborted, and nothing is told then.
   */
  async check(check: GoalCheck): Promise<GoalReport> {
    const { goal, now, emit } = this.#options;
    if (this.#isAchieved) return { progress: 1, unmet: [], isAchieved: true };
    const unmet: string[] = [];
    for (const criterion of goal.criteria) {
      check.signal.throwIfAborted();
      if (!(await this.#isMet(criterion, check))) unmet.push(toText(criterion));
    }
    check.signal.throwIfAborted();
    const count = goal.criteria.length;
    const progress = count === 0 ? 0 : (count - unmet.length) / count;
    emit({ type: "goal-progress", goal: goal.text, progress, unmet });
    if (progress < 1) return { progress, unmet, isAchieved: false };
    this.#isAchieved = true;
    emit({ type: "goal-achieved", goal: goal.text, durationMs: Math.max(0, now() - this.#startedAtMs) });
    return { progress, unmet, isAchieved: true };
  }

  async #isMet(criterion: GoalCriterion, check: GoalCheck): Promise<boolean> {
    const { runner, complete, commandTimeoutMs = 600_000 } = this.#options;
    const { callId, evidence, isReadOnly, signal } = check;
    try {
      if (criterion.kind === "judged") return await judgeCriterion(criterion.text, { evidence, complete, signal });
      const request = { callId, command: criterion.command, timeoutMs: commandTimeoutMs, isReadOnly };
      const result = await runner.run(request, { signal });
      return result.exitCode === 0 && !result.isTimedOut;
    } catch {
      return false; // not known to be met is not met; an abort is seen by the caller
    }
  }
}

function toText(criterion: GoalCriterion): string {
  return criterion.kind === "command" ? criterion.command : criterion.text;
}
