import { z } from "zod";
import type { HookAnswer } from "./hook.ts";

/** How the command of a hook ended. */
export interface CommandOutcome {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly isTimedOut: boolean;
  readonly stdout: string;
  /** stdout and stderr, as they came. */
  readonly output: string;
}

const maxReasonLength = 2000;

/**
 * What the command of a hook says: status 2 blocks, with its output as the reason; status 0 lets things pass, unless
 * stdout is a JSON object with `decision` (`block`, with a `reason`, or `continue`) or with another `input`.
 *
 * Throws for every other ending, and for an object that is not understood: what was meant is not known then.
 */
export function parseCommandAnswer({ exitCode, isTimedOut, stdout, output }: CommandOutcome): HookAnswer {
  const said = output.trim().slice(0, maxReasonLength);
  if (isTimedOut) throw new Error("its command did not end in time");
  if (exitCode === 2) return { kind: "block", reason: said === "" ? "no reason given" : said };
  if (exitCode !== 0) {
    throw new Error(`its command ended with ${exitCode === null ? "a signal" : `status ${exitCode}`}: ${said}`);
  }
  if (!stdout.trimStart().startsWith("{")) return { kind: "continue" };
  const { decision, reason, input } = commandAnswer.parse(JSON.parse(stdout));
  if (decision === "block") return { kind: "block", reason: reason?.slice(0, maxReasonLength) || "no reason given" };
  return input === undefined ? { kind: "continue" } : { kind: "change", input };
}

// Strict: a guard whose answer is misspelt must not let pass what it means to block.
const commandAnswer = z.strictObject({
  decision: z.enum(["block", "continue"]).optional(),
  reason: z.string().optional(),
  input: z.record(z.string(), z.unknown()).optional(),
});
