import { appendFileSync } from "node:fs";
import { CoreError, createMemoryStore, type Entry, type Store } from "@koda/core";

/**
 * A store of one's own: everything in memory, and a line of JSON in the file at `path` for each entry of each session, for
 * whoever wants to follow along. The file is never read back, so what is stored does not outlive the process.
 */
export function createLineStore(path: string): Store {
  const memory = createMemoryStore();
  /** The lines of the transaction that runs; null outside of one. */
  let held: string[] | null = null;

  function together<T>(act: () => T): T {
    const lines: string[] = [];
    held = lines;
    try {
      return memory.together(() => {
        const result = act();
        append(path, lines); // last: what cannot be written takes the rest back with it
        return result;
      });
    } finally {
      held = null;
    }
  }

  function appendEntry(...given: Parameters<Store["appendEntry"]>): void {
    if (held === null) {
      together(() => appendEntry(...given));
      return;
    }
    memory.appendEntry(...given);
    held.push(toLine(given[1]));
  }

  return { ...memory, backend: "lines", together, appendEntry };
}

const toLine = (entry: Entry): string => `${JSON.stringify(entry)}\n`;

function append(path: string, lines: readonly string[]): void {
  if (lines.length === 0) return;
  try {
    appendFileSync(path, lines.join(""), { mode: 0o600 });
  } catch (error) {
    // The code says that the same write may work later: the session goes on, and tries again.
    throw new CoreError("store_failed", `cannot write to ${path}`, { cause: error });
  }
}
