import { z } from "zod";
import type { ThinkingEffort } from "../ports/llm-provider.ts";

/** The name under which a session keeps how much its model thinks. */
export const thinkingValueName: string = "thinking";

/** Null for nothing stored, and for what cannot be understood: then the model thinks as it does by itself. */
export function parseThinking(json: string | null): ThinkingEffort | null {
  const effort = thinkingEffort.safeParse(json?.replaceAll('"', ""));
  return effort.success ? effort.data : null;
}

const thinkingEffort = z.enum(["low", "medium", "high"]);
