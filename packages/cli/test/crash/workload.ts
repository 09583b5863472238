/** One thing that a task wants done: a call, how its result shows that it was done, and what else shows it. */
export interface Action {
  readonly name: "Bash" | "Edit" | "Read" | "Write";
  readonly input: Readonly<Record<string, unknown>>;
  /** Whether the result of a call says that it did it; a label may stand around the result. */
  readonly isDone: (result: string) => boolean;
  /** The file that tells whether a call whose outcome is unknown was done, and the words in it that do; null: it is just repeated. */
  readonly evidence: { readonly path: string; readonly words: string } | null;
}

/** What one prompt asks for: steps in order, each of them one answer with all of its calls, and the words at the end. */
export interface Task {
  readonly prompt: string;
  readonly steps: readonly { readonly text: string; readonly actions: readonly Action[] }[];
  readonly thinking: string;
  readonly answer: string;
  /** Between two words of the answer. */
  readonly wordDelayMs: number;
}

/** The file that every command leaves one line of its own in. */
export const logName = "log.txt";

/** A look at a file after an interruption. No action reads this many lines, so that it is told from all of them. */
export const lookLines = 999;

export function createTask(number: number): Task {
  const path = `task-${number}/notes.md`;
  const isSlow = number % 3 === 2;
  return {
    prompt: toPrompt(number),
    thinking: isSlow ? `Everything that task ${number} asks for is done, so I say it.` : "",
    answer: `Task ${number} is done: ${"the notes are final and the log has its lines ".repeat(2)}.`,
    // The slow answer is long enough for its draft to be stored while it arrives.
    wordDelayMs: isSlow ? 20 : 8,
    steps: [
      {
        text: `Task ${number}, step 1.`,
        actions: [write(path, `# Notes\n\nThis is draft ${number}.\n`), append(`${number}-first`, "sleep 0.15")],
      },
      { text: `Task ${number}, step 2.`, actions: [read(path, 1), read(path, 2)] },
      { text: `Task ${number}, step 3.`, actions: [edit(path, `draft ${number}`, `the final text ${number}`)] },
      // The sleeper would outlive a Koda whose guard does not take it down.
      { text: `Task ${number}, step 4.`, actions: [append(`${number}-second`, "sleep 60 & sleep 0.3")] },
    ],
  };
}

export const toPrompt = (number: number): string => `Task ${number}: write, check and log.`;

/** The number of the task that a prompt asks for; null for any other text, such as a note. */
export function readTaskNumber(text: string): number | null {
  const found = /^Task (\d+): write/.exec(text);
  return found === null ? null : Number(found[1]);
}

/** The line that a command leaves in the log; null when it leaves none. */
export function readLoggedLine(command: unknown): string | null {
  return /echo (\S+) >> /.exec(String(command))?.[1] ?? null;
}

const write = (path: string, content: string): Action => ({
  name: "Write",
  input: { path, content },
  isDone: (result) => /^(created|changed) /.test(result),
  evidence: { path, words: content.trim().split("\n").at(-1) ?? "" },
});

const edit = (path: string, oldText: string, newText: string): Action => ({
  name: "Edit",
  input: { path, edits: [{ oldText, newText }] },
  isDone: (result) => result.startsWith("changed "),
  evidence: { path, words: newText },
});

const read = (path: string, offset: number): Action => ({
  name: "Read",
  input: { path, offset, limit: 50 },
  isDone: (result) => result.startsWith(`${path}, lines `),
  evidence: null,
});

const append = (line: string, then: string): Action => ({
  name: "Bash",
  input: { command: `echo ${line} >> ${logName}; ${then}; echo logged ${line}` },
  isDone: (result) => result.split("\n").includes(`logged ${line}`),
  evidence: null,
});
