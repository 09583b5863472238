import { z } from "zod";
import { CoreError } from "../errors.ts";
import type { EngineCommand } from "../events/engine-command.ts";
import type { LaneName } from "../events/engine-event.ts";
import type { WaitRecord, WaitStore } from "../store/wait-store.ts";

/** A call that whoever embeds Koda is to run. */
export interface ExternalTask {
  readonly callId: string;
  readonly lane: LaneName;
  readonly name: string;
  readonly input: unknown;
}

/** One that nobody has ended yet. */
export interface PendingTask extends ExternalTask {
  readonly taskId: string;
  readonly deadlineMs: number;
  readonly timeLeftMs: number;
}

/** What came of a task, for the model. */
export interface TaskAnswer {
  readonly text: string;
  readonly isError: boolean;
}

type CompleteTask = Extract<EngineCommand, { type: "complete-task" }>;

export const toTaskId = (callId: string): string => `task_${callId}`;

/** The key of the wait for a task of a session. */
export const toTaskKey = (sessionId: string, taskId: string): string => `${sessionId}/wait/${taskId}`;

/**
 * Ends a task, from whichever process has the store. True for the first answer in time, and for no other: false when
 * there is no such task, when it was ended, and after its deadline.
 */
export function completeExternalTask(
  store: Pick<WaitStore, "readWait" | "answerWait">,
  answer: {
    readonly sessionId: string;
    readonly command: CompleteTask;
    /** Who answers, in a few words. */
    readonly by: string;
    readonly nowMs: number;
    /** Takes secrets out of the text, before it is kept. */
    readonly redact: (text: string) => string;
  },
): boolean {
  const { sessionId, command, by, nowMs, redact } = answer;
  const key = toTaskKey(sessionId, command.taskId);
  // The id is the client's own word: it must not reach a wait of another kind, an approval least of all.
  if (store.readWait(key)?.kind !== "external") return false;
  const json = JSON.stringify({ ...command, text: redact(command.text) });
  return store.answerWait(key, { json, by, nowMs });
}

/** The tasks of a session that can still be ended, the oldest first; also those of a process that is gone. */
export function pendingExternalTasks(
  store: Pick<WaitStore, "listWaits">,
  { sessionId, nowMs }: { readonly sessionId: string; readonly nowMs: number },
): readonly PendingTask[] {
  return store.listWaits(sessionId, { state: "open", nowMs }).flatMap((wait) => {
    if (wait.kind !== "external" || wait.deadlineMs === null) return [];
    const task = parseTask(wait);
    return [
      {
        ...task,
        taskId: toTaskId(task.callId),
        deadlineMs: wait.deadlineMs,
        timeLeftMs: Math.max(0, wait.deadlineMs - nowMs),
      },
    ];
  });
}

/** What an answered wait says. One that cannot be understood is a failure that says so. */
export function parseTaskAnswer({ answerJson, answeredBy }: Pick<WaitRecord, "answerJson" | "answeredBy">): TaskAnswer {
  const parsed = taskAnswer.safeParse(parseJson(answerJson ?? ""));
  if (parsed.success) return { text: parsed.data.text, isError: parsed.data.isError };
  return { text: `The answer of ${answeredBy ?? "someone"} to this call cannot be understood.`, isError: true };
}

function parseTask(wait: WaitRecord): ExternalTask {
  const parsed = task.safeParse(parseJson(wait.payloadJson));
  if (parsed.success) return { ...parsed.data, input: parsed.data.input };
  throw new CoreError("store_failed", `the task ${JSON.stringify(wait.key)} cannot be understood`, {
    cause: parsed.error,
  });
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined; // No schema here takes it, so the caller finds out.
  }
}

const task = z.object({
  callId: z.string(),
  lane: z.enum(["control", "query", "execute", "generate"]),
  name: z.string(),
  input: z.unknown(),
});

const taskAnswer = z.object({ type: z.literal("complete-task"), text: z.string(), isError: z.boolean() });
