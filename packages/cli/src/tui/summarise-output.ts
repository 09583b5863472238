import type { FinishedCall } from "./view-state.ts";

/**
 * The few lines of a call's result that are worth a look: for something that was only read, how much; for a success the
 * first and last lines; for a failure more of them. Empty for no output.
 */
export function summarise({ name, effect, outcome, text }: FinishedCall): readonly string[] {
  const lines = text.trimEnd() === "" ? [] : text.trimEnd().split(/\r?\n/);
  if (outcome === "ok" && effect === "read-only" && name !== "Bash" && lines.length > 1)
    return [`${lines.length} lines`];
  const half = outcome === "ok" ? 2 : 4;
  if (lines.length <= 2 * half + 1) return lines;
  return [...lines.slice(0, half), `… ${lines.length - 2 * half} lines`, ...lines.slice(-half)];
}
