import type { EngineCommand } from "../events/engine-command.ts";
import type { InputStore } from "../store/input-store.ts";
import type { WaitStore } from "../store/wait-store.ts";
import { toWaitKey } from "../turn/turn-keys.ts";

export interface RemoteControlOptions {
  /** Who answers, in a few words, for the record. */
  readonly by: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** A fresh id. */
  readonly id: () => string;
}

export interface RemoteControl {
  /**
   * Leaves a command where the process that has the session open, or the next one to open it, finds it. False when it
   * had no effect: nobody waits for the answer any more, the input is accepted already, or the command is one that only
   * the owner can be given (`set-mode`, `pause`, `resume`, `cancel`).
   *
   * @throws {CoreError} `store_failed`; `store_rejected` for an unknown session, or an `inputId` that was used for
   * another text.
   */
  send(sessionId: string, command: EngineCommand): boolean;
}

/** Answers and speaks to sessions of any process through their store. The first answer to a question wins. */
export function createRemoteControl(
  store: Pick<WaitStore, "answerWait"> & Pick<InputStore, "addInput" | "withdrawInput">,
  { by, now, id }: RemoteControlOptions,
): RemoteControl {
  const answer = (sessionId: string, name: string, command: EngineCommand): boolean =>
    store.answerWait(toWaitKey(sessionId, name), { json: JSON.stringify(command), by, nowMs: now() });
  return {
    send(sessionId, command) {
      switch (command.type) {
        case "approve":
        case "reject":
        case "grant-steps":
          return answer(sessionId, command.requestId, command);
        case "complete-task":
          return answer(sessionId, command.taskId, command);
        case "steer": {
          const text = command.text.toWellFormed();
          if (text.trim() === "") return false;
          const { inputId = id(), boundary = "this-turn" } = command;
          store.addInput({ id: inputId, sessionId, text, boundary, createdAtMs: now() });
          return true;
        }
        case "withdraw":
          return store.withdrawInput(sessionId, command.inputId);
        case "set-mode":
        case "pause":
        case "resume":
        case "cancel":
          return false;
        default:
          return command satisfies never;
      }
    },
  };
}
