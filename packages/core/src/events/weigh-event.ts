import type { EngineEvent } from "./engine-event.ts";

/** A number, a boolean, a null, and what holds other values together. */
const plainWeight = 8;

/**
 * About how many UTF-16 code units an event takes: its texts, inputs and results, however deep they lie. A cheap measure
 * for what may wait, not the length of its JSON.
 */
export function weighEvent(event: EngineEvent): number {
  let weight = 0;
  const rest: unknown[] = [event];
  while (rest.length > 0) {
    const value = rest.pop();
    if (typeof value === "string") weight += value.length;
    else weight += plainWeight;
    if (typeof value !== "object" || value === null) continue;
    for (const [name, item] of Object.entries(value)) {
      weight += name.length;
      rest.push(item);
    }
  }
  return weight;
}
