import type { EngineSink } from "../events/engine-sink.ts";
import {
  findPlanProblems,
  type Plan,
  type PlanProblem,
  type PlanStep,
  planProgress,
  readySteps,
  withStepStatus,
} from "./plan.ts";

/** What the model may say of a step. */
export type PlanMark = "running" | "done" | "failed" | "skipped";

export type PlanMarkResult =
  | { readonly kind: "marked"; readonly plan: Plan }
  /** `reason` is for the model; nothing has changed. */
  | { readonly kind: "refused"; readonly reason: string };

/** What a tool may do with the plan of its session. */
export interface PlanMarker {
  mark(stepId: string, mark: PlanMark): PlanMarkResult;
}

/**
 * Follows a plan while it is carried out, and tells of it: `plan` first, then for every step one `plan-step-start` and
 * one `plan-step-end`, never one without the other once {@link PlanTracker.close} was called. A step that ends without
 * having been started, because it was skipped or the model marked only its end, starts and ends at once.
 */
export class PlanTracker implements PlanMarker {
  readonly #emit: EngineSink;
  #plan: Plan;

  /** Tells the plan. */
  constructor(plan: Plan, emit: EngineSink) {
    this.#plan = plan;
    this.#emit = emit;
    emit({ type: "plan", goal: plan.goal, steps: plan.steps.map(({ id, text }) => ({ id, text })) });
  }

  get plan(): Plan {
    return this.#plan;
  }

  get progress(): number {
    return planProgress(this.#plan);
  }

  /** What keeps steps from ever becoming ready. */
  get problems(): readonly PlanProblem[] {
    return findPlanProblems(this.#plan);
  }

  /**
   * Moves a step on. A step begins, or is done or failed, only after its dependencies are done; skipping is always
   * allowed, and what has ended stays as it is. Saying the same again changes nothing.
   */
  mark(stepId: string, mark: PlanMark): PlanMarkResult {
    const step = this.#plan.steps.find(({ id }) => id === stepId);
    if (step === undefined) return refuse(`the plan has no step ${JSON.stringify(stepId)}`);
    if (step.status === mark) return { kind: "marked", plan: this.#plan };
    if (step.status !== "pending" && step.status !== "running")
      return refuse(`step ${stepId} has ended: ${step.status}`);
    if (step.status === "pending" && mark !== "skipped" && !readySteps(this.#plan).includes(step)) {
      return refuse(
        `step ${stepId} must wait for ${this.#openDependencies(step).join(", ")}; skip it if it cannot be done`,
      );
    }
    this.#move(step, mark);
    return { kind: "marked", plan: this.#plan };
  }

  /** Nobody carries it out any more: the steps that have not ended are skipped. */
  close(): void {
    for (const step of this.#plan.steps) {
      if (step.status === "pending" || step.status === "running") this.#move(step, "skipped");
    }
  }

  #move(step: PlanStep, mark: PlanMark): void {
    this.#plan = withStepStatus(this.#plan, step.id, mark);
    const place = {
      stepId: step.id,
      number: this.#plan.steps.findIndex(({ id }) => id === step.id) + 1,
      total: this.#plan.steps.length,
    };
    if (step.status === "pending") this.#emit({ type: "plan-step-start", ...place });
    if (mark !== "running") this.#emit({ type: "plan-step-end", ...place, outcome: mark });
  }

  #openDependencies(step: PlanStep): readonly string[] {
    return step.dependencies
      .map((id) => ({ id, status: this.#plan.steps.find((other) => other.id === id)?.status ?? "missing" }))
      .filter(({ status }) => status !== "done")
      .map(({ id, status }) => `${id} (${status})`);
  }
}

const refuse = (reason: string): PlanMarkResult => ({ kind: "refused", reason });
