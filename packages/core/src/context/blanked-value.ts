import { z } from "zod";
import type { ContextView } from "./context-view.ts";

/** The name under which a session keeps what is blanked, so that a resumed one shows its model the same. */
export const blankedValueName: string = "blanked-results";

/** JSON of the call ids whose results a view leaves out; those that it does not show at all are not among them. */
export function toBlankedJson({ entries, blanked }: Pick<ContextView, "entries" | "blanked">): string {
  const shown = entries.flatMap(({ content }) => (content.kind === "assistant" ? content.toolCalls : []));
  return JSON.stringify(shown.map(({ callId }) => callId).filter((callId) => blanked.has(callId)));
}

/** What {@link toBlankedJson} made; nothing is blanked by what is absent or cannot be understood. */
export function parseBlankedJson(json: string | null): ReadonlySet<string> {
  if (json === null) return new Set();
  try {
    return new Set(callIds.parse(JSON.parse(json)));
  } catch {
    // Showing more than before is no harm: the context is shrunk again when it is full.
    return new Set();
  }
}

const callIds = z.array(z.string());
