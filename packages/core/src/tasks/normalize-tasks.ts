import type { TaskItem, TaskPriority, TaskStatus } from "../store/task-store.ts";

/** A line of a checklist as a model or a client writes it. */
export interface TaskDraft {
  /** Absent or empty: made from its place in the list. */
  readonly id?: string | undefined;
  readonly text: string;
  /** Any common word for a status; an unknown one, or none, is `pending`. */
  readonly status?: string | undefined;
  /** An unknown one, or none, is `medium`. */
  readonly priority?: string | undefined;
}

/** The most that a checklist holds: more is no list that anyone reads. */
export const maxTasks = 100;
const maxTextLength = 500;
const maxIdLength = 64;

/**
 * A checklist as it is kept: single lines of at most 500 characters, one word for each status, an id for each item that
 * no other has. An id that is given is kept, the first time; the rest are numbered by their place. Lines without text
 * are left out, and so is what comes after the first 100.
 */
export function normalizeTasks(drafts: readonly TaskDraft[]): readonly TaskItem[] {
  const lines = drafts
    .map((draft) => ({ ...draft, text: toLine(draft.text, maxTextLength), id: toLine(draft.id ?? "", maxIdLength) }))
    .filter(({ text }) => text !== "")
    .slice(0, maxTasks);
  const given = new Set(lines.map(({ id }) => id));
  const taken = new Set<string>();
  return lines.map(({ id, text, status, priority }, index) => {
    const isFree = id !== "" && !taken.has(id);
    const own = isFree ? id : toFreeId(index + 1, (candidate) => given.has(candidate) || taken.has(candidate));
    taken.add(own);
    return { id: own, text, status: toTaskStatus(status), priority: toTaskPriority(priority) };
  });
}

/** `done`, `In Progress`, `canceled` and their like; an unknown word is `pending`. */
export function toTaskStatus(word: string | undefined): TaskStatus {
  return statusWords.get(toKey(word)) ?? "pending";
}

function toTaskPriority(word: string | undefined): TaskPriority {
  return priorityWords.get(toKey(word)) ?? "medium";
}

function toKey(word: string | undefined): string {
  return (word ?? "").toLowerCase().replace(/[^a-z]/g, "");
}

function toFreeId(place: number, isTaken: (candidate: string) => boolean): string {
  let candidate = String(place);
  while (isTaken(candidate)) candidate = `${candidate}b`;
  return candidate;
}

/** On one line, without control characters, cut between two characters. */
function toLine(text: string, maxLength: number): string {
  const line = text
    .toWellFormed()
    .replace(/[\p{Cc}\u2028\u2029\s]+/gu, " ")
    .trim();
  if (line.length <= maxLength) return line;
  const kept = line.slice(0, maxLength - 1).replace(/[\ud800-\udbff]$/, "");
  return `${kept}…`;
}

const statusWords: ReadonlyMap<string, TaskStatus> = new Map([
  ["inprogress", "in-progress"],
  ["progress", "in-progress"],
  ["active", "in-progress"],
  ["current", "in-progress"],
  ["doing", "in-progress"],
  ["running", "in-progress"],
  ["started", "in-progress"],
  ["wip", "in-progress"],
  ["completed", "completed"],
  ["complete", "completed"],
  ["done", "completed"],
  ["finished", "completed"],
  ["closed", "completed"],
  ["cancelled", "cancelled"],
  ["canceled", "cancelled"],
  ["dropped", "cancelled"],
  ["skipped", "cancelled"],
]);

const priorityWords: ReadonlyMap<string, TaskPriority> = new Map([
  ["high", "high"],
  ["urgent", "high"],
  ["critical", "high"],
  ["medium", "medium"],
  ["normal", "medium"],
  ["low", "low"],
]);
