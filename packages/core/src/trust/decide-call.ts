import { isInside } from "../files/resolve-path.ts";
import type { PathGuard } from "../ports/path-guard.ts";
import type { Enforcement } from "../ports/runner.ts";
import type { CallAssessment } from "../tools/tool.ts";
import type { Decision } from "./decision.ts";
import { allowsCall, matchesRule } from "./match-rule.ts";
import type { PermissionRule } from "./permission-rule.ts";
import type { TrustMode } from "./trust-mode.ts";

export { alwaysRuleFor } from "./always-rule.ts";

/** Everything that a decision depends on. */
export interface CallQuestion {
  readonly toolName: string;
  readonly assessment: CallAssessment;
  readonly mode: TrustMode;
  readonly enforcement: Enforcement;
  /** In any order: deny wins over ask, ask over allow, and all over the table. */
  readonly rules: readonly PermissionRule[];
  /** Absolute, links resolved. */
  readonly projectRoot: string;
  /** Files that this session created. */
  readonly ownedFiles: ReadonlySet<string>;
  readonly pathGuard: PathGuard;
}

/**
 * What becomes of a call, from its question alone: protected paths, then deny rules, then what Plan mode blocks, then ask rules,
 * then unconfined commands, then allow rules, then the table. Allow rules lift a question, never a block,
 * and never that of a command which nothing confines.
 */
export function decideCall(question: CallQuestion): Decision {
  const guarded = guardDenial(question);
  if (guarded !== null) return { kind: "block", reason: guarded };
  const denying = question.rules.find((rule) => rule.verdict === "deny" && matchesRule(rule, question));
  if (denying !== undefined) return { kind: "block", reason: `the rule deny ${denying.text}` };
  const byTable = decideByTable(question);
  if (byTable.kind === "block") return byTable;
  const asking = question.rules.find((rule) => rule.verdict === "ask" && matchesRule(rule, question));
  if (asking !== undefined) return { kind: "ask", reason: `the rule ask ${asking.text}` };
  if (question.toolName === "Bash" && question.enforcement !== "kernel") {
    return { kind: "ask", reason: "the kernel does not confine commands here, so every command is asked about" };
  }
  if (byTable.kind === "run") return byTable;
  const allowing = question.rules.filter(({ verdict }) => verdict === "allow");
  if (!allowsCall(allowing, question)) return byTable;
  const names = allowing.filter((rule) => allowsCall([rule], question)).map(({ text }) => text);
  return { kind: "run", reason: names.length === 0 ? "allow rules" : `the rule allow ${names[0]}`, isByRule: true };
}

function guardDenial({ assessment, pathGuard }: CallQuestion): string | null {
  for (const { path, access } of assessment.paths) {
    const verdict = pathGuard.check(path, access);
    if (verdict.kind === "deny") return `${path} is protected: ${verdict.rule}`;
  }
  return null;
}

/** DESIGN section 6. Rows from the strictest to the mildest, so that the first that fits decides. */
function decideByTable(question: CallQuestion): Decision {
  const { assessment, mode } = question;
  const why = assessment.reason === undefined ? "" : `: ${assessment.reason}`;
  const outside = pathOutside(question);
  const row = (
    kinds: readonly [plan: Decision["kind"], safe: Decision["kind"], auto: Decision["kind"]],
    what: string,
  ): Decision => ({
    kind: kinds[mode === "plan" ? 0 : mode === "safe" ? 1 : 2],
    reason: `${mode} mode, ${what}`,
  });
  if (outside !== null) return row(["block", "ask", "ask"], `outside the project: ${outside}`);
  if (isOwnDeletion(question)) return row(["block", "run", "run"], "deletes what this session created");
  switch (assessment.effect) {
    case "read-only":
      return row(["run", "run", "run"], `read-only${why}`);
    case "local-mutation":
      return row(["block", "ask", "run"], `changes files${why}`);
    case "remote-action":
      return row(["block", "ask", "run"], `acts on another machine${why}`);
    case "destructive":
      return row(["block", "ask", "ask"], `destructive${why}`);
    default:
      return assessment.effect satisfies never;
  }
}

/**
 * The first path outside that a question is about. A confined command's /tmp is its session's own, so that is not
 * outside; and Auto reads what the sandbox lets every command read, since a program could do so unasked anyway.
 */
function pathOutside({ assessment, projectRoot, toolName, enforcement, mode }: CallQuestion): string | null {
  const isConfined = enforcement === "kernel";
  const hasOwnTmp = toolName === "Bash" && isConfined;
  const readsFreely = mode === "auto" && isConfined;
  const isOutside = ({ path, access }: { readonly path: string; readonly access: "read" | "write" }): boolean =>
    !isInside(projectRoot, path) && !(hasOwnTmp && isInside("/tmp", path)) && !(readsFreely && access === "read");
  return assessment.paths.find(isOutside)?.path ?? null;
}

function isOwnDeletion({ toolName, assessment, ownedFiles }: CallQuestion): boolean {
  return (
    toolName === "Delete" && assessment.paths.length > 0 && assessment.paths.every(({ path }) => ownedFiles.has(path))
  );
}
