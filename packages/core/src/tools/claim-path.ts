import { type Refusal, refuse } from "../files/refusal.ts";
import { displayPath, resolvePath } from "../files/resolve-path.ts";
import type { CallAssessment, ToolContext } from "./tool.ts";
import type { ToolEffect } from "./tool-effect.ts";

/** A path that a tool may now touch. */
export interface ClaimedPath {
  readonly kind: "path";
  /** Absolute, links resolved. */
  readonly path: string;
  /** Relative to the project when inside. */
  readonly shown: string;
}

export interface PathUse {
  readonly access: "read" | "write";
  readonly finalLink?: "follow" | "keep" | undefined;
}

/** The assessment of a tool whose one path is its whole reach. */
export async function assessPath(
  path: string,
  use: PathUse & { readonly effect: ToolEffect; readonly projectRoot: string },
): Promise<CallAssessment> {
  const resolved = await resolvePath(path, use);
  return {
    effect: use.effect,
    paths: [{ path: resolved, access: use.access }],
    commands: [],
    subject: displayPath(use.projectRoot, resolved),
  };
}

/** Resolves `path` again right before it is touched, and refuses what is guarded or no longer what was decided on. */
export async function claimPath(path: string, use: PathUse, context: ToolContext): Promise<ClaimedPath | Refusal> {
  const resolved = await resolvePath(path, { projectRoot: context.projectRoot, finalLink: use.finalLink });
  const shown = displayPath(context.projectRoot, resolved);
  const decided = context.assessment?.paths;
  if (decided !== undefined && !decided.some((each) => each.path === resolved && each.access === use.access)) {
    return refuse(`${path} leads to ${resolved} now, which is not what was decided on; nothing was touched`);
  }
  const verdict = context.pathGuard.check(resolved, use.access);
  if (verdict.kind === "deny") return refuse(`${shown} is protected: ${verdict.rule}`);
  return { kind: "path", path: resolved, shown };
}
