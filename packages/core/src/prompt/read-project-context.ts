import { join } from "node:path";
import type { PathGuard } from "../ports/path-guard.ts";
import { boundText } from "../turn/bound-text.ts";
import { readBoundedFile } from "./read-bounded-file.ts";
import { readGitBranch } from "./read-git-branch.ts";

/** What the model is told about where it works. */
export interface ProjectContext {
  readonly projectRoot: string;
  /** As `process.platform` names it. */
  readonly platform: string;
  /** `YYYY-MM-DD`, UTC: no finer, or no two prompts would be alike. */
  readonly date: string;
  /** Null without git, and on a detached head. */
  readonly gitBranch: string | null;
  readonly instructions: readonly { readonly name: string; readonly text: string }[];
}

/** Instruction files of a project, in the order in which they are given to the model. */
export const instructionFileNames: readonly string[] = ["AGENTS.md", "KODA.md"];

const maxInstructionChars = 32_000;

/**
 * Reads the context of a project. Never fails: what cannot be read, is no regular file, lies outside the project or is
 * protected by the guard, is left out. Runs no program.
 */
export function readProjectContext(options: {
  readonly projectRoot: string;
  readonly pathGuard: PathGuard;
  readonly nowMs: number;
}): ProjectContext {
  const { projectRoot, pathGuard } = options;
  const texts = instructionFileNames.map((name) =>
    readBoundedFile({ path: join(projectRoot, name), root: projectRoot, pathGuard, maxBytes: 4 * maxInstructionChars }),
  );
  return {
    projectRoot,
    platform: process.platform,
    date: new Date(options.nowMs).toISOString().slice(0, 10),
    gitBranch: readGitBranch(projectRoot),
    instructions: instructionFileNames.flatMap((name, index) => {
      const text = texts[index]?.trim() ?? "";
      return text === "" ? [] : [{ name, text: boundText(text, maxInstructionChars) }];
    }),
  };
}
