import type { ToolCallResult } from "../store/tool-call-record.ts";

/** The result of a call that did not run, in Koda's own words. */
export const toUnrun = (outcome: ToolCallResult["outcome"], text: string): ToolCallResult => ({
  outcome,
  text,
  changes: [],
  durationMs: 0,
  origin: "koda",
  fullTextHash: null,
});
