/** How far a step of a plan is. `done`, `failed` and `skipped` are final. */
export type PlanStepStatus = "pending" | "running" | "done" | "failed" | "skipped";

export interface PlanStep {
  /** Unique in its plan. */
  readonly id: string;
  readonly text: string;
  /** The tool it will need most, in the planner's words; null when it named none. */
  readonly tool: string | null;
  /** Ids of the steps that must be done before. One that no step has never is. */
  readonly dependencies: readonly string[];
  /** What holds when the step is done. */
  readonly criteria: readonly string[];
  readonly status: PlanStepStatus;
}

/** The way to a goal, in steps. A value: moving a step gives another plan. */
export interface Plan {
  readonly goal: string;
  readonly complexity: "low" | "medium" | "high";
  readonly steps: readonly PlanStep[];
}

/** Those that may begin: pending, with every dependency done. */
export function readySteps(plan: Plan): readonly PlanStep[] {
  const done = new Set(plan.steps.filter(({ status }) => status === "done").map(({ id }) => id));
  return plan.steps.filter(
    ({ status, dependencies }) => status === "pending" && dependencies.every((id) => done.has(id)),
  );
}

/** The share of steps that are done, 0 to 1; 0 for a plan without steps. */
export function planProgress(plan: Plan): number {
  if (plan.steps.length === 0) return 0;
  return plan.steps.filter(({ status }) => status === "done").length / plan.steps.length;
}

/** The plan with that step in another state. One that has no such step is the same. */
export function withStepStatus(plan: Plan, stepId: string, status: PlanStepStatus): Plan {
  return { ...plan, steps: plan.steps.map((step) => (step.id === stepId ? { ...step, status } : step)) };
}

/** Why a step can never become ready. */
export type PlanProblem =
  | { readonly kind: "missing-dependency"; readonly stepId: string; readonly dependency: string }
  /** Steps that wait for themselves, by way of each other. */
  | { readonly kind: "cycle"; readonly stepIds: readonly string[] };

/** What keeps steps from ever becoming ready: dependencies that no step has, and circles, in the order of the steps. */
export function findPlanProblems(plan: Plan): readonly PlanProblem[] {
  const ids = new Set(plan.steps.map(({ id }) => id));
  const missing = plan.steps.flatMap(({ id, dependencies }) =>
    dependencies
      .filter((dependency) => !ids.has(dependency))
      .map((dependency): PlanProblem => ({ kind: "missing-dependency", stepId: id, dependency })),
  );
  const stepIds = stepsInCircles(plan);
  return stepIds.length === 0 ? missing : [...missing, { kind: "cycle", stepIds }];
}

function stepsInCircles(plan: Plan): readonly string[] {
  const dependencies = new Map(plan.steps.map((step) => [step.id, step.dependencies]));
  return plan.steps.map(({ id }) => id).filter((id) => awaitedBy(id, dependencies).has(id));
}

/** All that a step waits for, through any number of others. */
function awaitedBy(stepId: string, dependencies: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const awaited = new Set(dependencies.get(stepId));
  // A set also visits what is added to it on the way.
  for (const id of awaited) for (const next of dependencies.get(id) ?? []) awaited.add(next);
  return awaited;
}
