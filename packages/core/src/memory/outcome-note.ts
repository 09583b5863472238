import { toTitle } from "../session/to-title.ts";

const maxNoteChars = 300;

export interface TurnNote {
  readonly prompt: string;
  /** One line: what was done, or what went wrong. */
  readonly lesson: string;
  readonly tags?: readonly string[] | undefined;
}

/** A short note instead of prompt and answer word for word: the first line of each. */
export function toOutcomeText(outcome: "success" | "failure", { prompt, lesson }: TurnNote): string {
  const verb = outcome === "success" ? "Done" : "Failed";
  const said = lesson.trim() === "" ? "" : `. ${outcome === "success" ? "Result" : "Reason"}: ${toTitle(lesson)}`;
  return [...`${verb}: ${toTitle(prompt)}${said}`].slice(0, maxNoteChars).join("");
}
