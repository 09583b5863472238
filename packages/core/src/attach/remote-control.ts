import type { EngineCommand } from "../events/engine-command.ts";
import { completeExternalTask } from "../lanes/external-task.ts";
import type { InputStore } from "../store/input-store.ts";
import type { WaitKind, WaitStore } from "../store/wait-store.ts";
import { toWaitKey } from "../turn/turn-keys.ts";

export interface RemoteControlOptions {
  /** Who answers, in a few words, for the record. */
  readonly by: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** A fresh id. */
  readonly id: () => string;
  /** Takes secrets out of what is said, before it is kept: `(text) => guard.redact(text)`. */
  readonly redact: (text: string) => string;
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
  store: Pick<WaitStore, "answerWait" | "readWait"> & Pick<InputStore, "addInput" | "withdrawInput">,
  { by, now, id, redact }: RemoteControlOptions,
): RemoteControl {
  const answer = (
    sessionId: string,
    { name, kind, command }: { readonly name: string; readonly kind: WaitKind; readonly command: EngineCommand },
  ): boolean => {
    const key = toWaitKey(sessionId, name);
    // The name is the client's own word: what answers one kind of question must not reach another.
    if (store.readWait(key)?.kind !== kind) return false;
    return store.answerWait(key, { json: JSON.stringify(command), by, nowMs: now() });
  };
  return {
    send(sessionId, command) {
      switch (command.type) {
        case "approve":
          return answer(sessionId, { name: command.requestId, kind: "approval", command });
        case "reject":
          return answer(sessionId, {
            name: command.requestId,
            kind: "approval",
            command: command.feedback === undefined ? command : { ...command, feedback: redact(command.feedback) },
          });
        case "grant-steps":
          return answer(sessionId, { name: command.requestId, kind: "steps", command });
        case "complete-task":
          return completeExternalTask(store, { sessionId, command, by, nowMs: now(), redact });
        case "steer": {
          const text = redact(command.text.toWellFormed());
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
