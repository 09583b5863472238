import type { EngineCommand } from "../events/engine-command.ts";
import type { EngineEvent } from "../events/engine-event.ts";
import type { Effects } from "../ports/effects.ts";
import type { SessionWriter } from "../store/session-record.ts";
import type { WaitStore } from "../store/wait-store.ts";
import {
  completeExternalTask,
  type ExternalTask,
  type PendingTask,
  parseTaskAnswer,
  pendingExternalTasks,
  type TaskAnswer,
  toTaskId,
  toTaskKey,
} from "./external-task.ts";
import type { LaneHandler } from "./lane-handler.ts";

export interface ExternalTasksOptions {
  readonly store: Pick<WaitStore, "openWait" | "readWait" | "answerWait" | "closeWait" | "listWaits">;
  readonly writer: SessionWriter;
  readonly effects: Pick<Effects, "run" | "wait" | "resolve" | "now">;
  readonly emit: (event: Extract<EngineEvent, { type: "external-task" | "external-task-end" }>) => void;
}

export interface TaskRun<T> {
  readonly handler: LaneHandler;
  readonly turnId: string;
  readonly signal: AbortSignal;
  /** Runs it here. */
  readonly execute: () => Promise<T>;
}

type TaskOutcome = Extract<EngineEvent, { type: "external-task-end" }>["outcome"];

/**
 * The calls of one session that are run outside, or told outside. A task is a wait in the store: it outlives the
 * process, any process may end it, and the store alone decides whether an answer came in time.
 */
export class ExternalTasks {
  readonly #options: ExternalTasksOptions;

  constructor(options: ExternalTasksOptions) {
    this.#options = options;
  }

  /**
   * Has a call done as its lane's handler says. The same call again, after a restart, takes up the task that is there,
   * with its answer if it has one; otherwise it is told again under the same id, with what is left of its time.
   * Rejects with `signal.reason` when aborted before there is an answer.
   */
  async run<T extends TaskAnswer>(task: ExternalTask, run: TaskRun<T>): Promise<T | TaskAnswer> {
    switch (run.handler.mode) {
      case "internal":
        return run.execute();
      case "hybrid":
        return this.#announce(task, run);
      case "external":
        // One act for whoever records or replays it: what the store decided is what it gave.
        return this.#options.effects.run(this.#keyOf(task), () => this.#wait(task, run));
      default:
        return run.handler.mode satisfies never;
    }
  }

  /** Ends a task of this session. True for the first answer in time, and for no other. Its text holds no secret. */
  complete(command: Extract<EngineCommand, { type: "complete-task" }>, { by }: { readonly by: string }): boolean {
    const { store, writer, effects } = this.#options;
    const { sessionId } = writer;
    const redact = (text: string): string => text;
    if (!completeExternalTask(store, { sessionId, command, by, nowMs: effects.now(), redact })) return false;
    effects.resolve(toTaskKey(sessionId, command.taskId), command);
    return true;
  }

  /** Whether a call was handed out, perhaps by an earlier process, and can still come to its end or has. */
  holds(callId: string): boolean {
    const { store, writer } = this.#options;
    const wait = store.readWait(toTaskKey(writer.sessionId, toTaskId(callId)));
    return wait?.kind === "external" && wait.state !== "closed";
  }

  pending(): readonly PendingTask[] {
    const { store, writer, effects } = this.#options;
    return pendingExternalTasks(store, { sessionId: writer.sessionId, nowMs: effects.now() });
  }

  async #announce<T extends TaskAnswer>(task: ExternalTask, { handler, signal, execute }: TaskRun<T>): Promise<T> {
    this.#tellStart(task, this.#options.effects.now() + handler.timeoutMs);
    let outcome: TaskOutcome = "failed";
    try {
      const result = await execute();
      outcome = result.isError ? "failed" : "completed";
      return result;
    } finally {
      this.#tellEnd(task, signal.aborted && outcome === "failed" ? "cancelled" : outcome);
    }
  }

  async #wait(task: ExternalTask, { handler, turnId, signal }: Omit<TaskRun<never>, "execute">): Promise<TaskAnswer> {
    signal.throwIfAborted();
    const { store, writer, effects } = this.#options;
    const { callId, lane, name, input } = task;
    const key = this.#keyOf(task);
    const createdAtMs = effects.now();
    store.openWait(writer, {
      key,
      turnId,
      callId,
      kind: "external",
      payloadJson: JSON.stringify({ name, input, lane, callId }),
      deadlineMs: createdAtMs + handler.timeoutMs,
      createdAtMs,
    });
    const opened = store.readWait(key);
    const deadlineMs = opened?.deadlineMs ?? createdAtMs + handler.timeoutMs;
    // Answered to a process that is gone: it is not told again, lest it be done again.
    if (opened?.state === "answered") return parseTaskAnswer(opened);
    // Waited for before it is told: whoever hears of it may answer at once.
    const answer = effects.wait(key, { signal, deadlineMs });
    this.#tellStart(task, deadlineMs);
    // Aborted or not, the store says below what has come of it.
    await answer.catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    return this.#settle(task, { key, signal, limitMs: handler.timeoutMs });
  }

  /** After the close no answer is taken any more, so what is read then is final: for whoever answered, and for us. */
  #settle(
    task: ExternalTask,
    { key, signal, limitMs }: { readonly key: string; readonly signal: AbortSignal; readonly limitMs: number },
  ): TaskAnswer {
    const { store, writer } = this.#options;
    store.closeWait(writer, key);
    const wait = store.readWait(key);
    if (wait?.state === "answered") {
      const answer = parseTaskAnswer(wait);
      this.#tellEnd(task, answer.isError ? "failed" : "completed");
      return answer;
    }
    if (signal.aborted) {
      this.#tellEnd(task, "cancelled");
      throw signal.reason;
    }
    this.#tellEnd(task, "timed-out");
    return {
      text: `${task.name} timed out: it was to be run outside, and had no result within ${limitMs} ms.`,
      isError: true,
    };
  }

  #keyOf({ callId }: ExternalTask): string {
    return toTaskKey(this.#options.writer.sessionId, toTaskId(callId));
  }

  #tellStart({ callId, lane, name, input }: ExternalTask, deadlineMs: number): void {
    this.#options.emit({ type: "external-task", taskId: toTaskId(callId), callId, lane, name, input, deadlineMs });
  }

  #tellEnd({ callId }: ExternalTask, outcome: TaskOutcome): void {
    this.#options.emit({ type: "external-task-end", taskId: toTaskId(callId), outcome });
  }
}
