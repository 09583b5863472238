/** How long a session is before it is measured. */
export interface Length {
  readonly id: string;
  readonly title: string;
  readonly entries: number;
  /** Of every text: prompts, answers, results. */
  readonly textChars: number;
}

const SHORT_TEXT = 80;

export const LENGTHS: readonly Length[] = [
  { id: "10", title: "10", entries: 10, textChars: SHORT_TEXT },
  { id: "1000", title: "1,000", entries: 1_000, textChars: SHORT_TEXT },
  { id: "10000", title: "10,000", entries: 10_000, textChars: SHORT_TEXT },
  { id: "100000", title: "100,000", entries: 100_000, textChars: SHORT_TEXT },
  // Of four entries three have a text, and so has the result of the call.
  { id: "large", title: "10,000 of 50 MB", entries: 10_000, textChars: 5_000 },
];

/** Turns that are measured in one session: few in a short one, so that it stays short. */
export function turnsPerSession({ entries }: Length): number {
  return Math.max(5, Math.min(200, Math.floor(entries / 20)));
}
