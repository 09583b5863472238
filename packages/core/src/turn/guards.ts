/** Identical calls in a row before the model is told to think again. */
const maxIdenticalCalls = 5;

/** How often the last call of a turn was made in a row. */
export interface RepeatState {
  readonly fingerprint: string | null;
  readonly count: number;
}

export const noRepeats: RepeatState = { fingerprint: null, count: 0 };

/**
 * Counts the calls of one step, in order. `step-back`: run them, then tell the model that it is going in circles.
 * `stop`: it was told, and goes on; nothing of this step is to run.
 */
export function countRepeats(
  state: RepeatState,
  fingerprints: readonly string[],
): { readonly state: RepeatState; readonly verdict: "go-on" | "step-back" | "stop" } {
  const wasTold = state.count >= maxIdenticalCalls;
  let next = state;
  let longest = 0;
  for (const fingerprint of fingerprints) {
    next = fingerprint === next.fingerprint ? { fingerprint, count: next.count + 1 } : { fingerprint, count: 1 };
    longest = Math.max(longest, next.count);
  }
  if (wasTold && fingerprints[0] === state.fingerprint) return { state: next, verdict: "stop" };
  // Told or not is read from the count at the end of a step: a streak that broke within it is over.
  return { state: next, verdict: longest >= maxIdenticalCalls ? "step-back" : "go-on" };
}

/** Equal for calls that ask for the same thing: object keys in another order make no difference. */
export function fingerprintCall(name: string, argumentsJson: string): string {
  return `${name} ${canonicalJson(argumentsJson)}`;
}

function canonicalJson(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), (_key, value: unknown) =>
      value !== null && typeof value === "object" && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)))
        : value,
    );
  } catch {
    // Not JSON: two such calls are the same when their bytes are.
    return json;
  }
}

/** What the model reads when it has made the same call too often. */
export const stepBackNote: string =
  "[Note from Koda, not from the user: you have made the same call several times in a row, with the same result. Step back: " +
  "say what you were trying to find out, and try something else. The same call again ends the turn.]";
