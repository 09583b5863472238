import type { Runner } from "../ports/runner.ts";
import type { HookRecord } from "../store/project-store.ts";
import { shellQuote } from "../tools/shell-quote.ts";
import { parseCommandAnswer } from "./command-answer.ts";
import type { Hook, HookAnswer } from "./hook.ts";
import type { HookPayload } from "./hook-payload.ts";
import { type CommandHook, parseHookRecord } from "./hook-record.ts";
import { toCutPayloadWord, toPayloadWord } from "./payload-text.ts";

export interface CommandHookOptions {
  /** Runs the command, confined as the session's own are. */
  readonly runner: Runner;
  /** A fresh id, under which the connections of one run are recorded. */
  readonly id: () => string;
  /** Whether the project is not to be written at this moment: in Plan mode. */
  readonly isReadOnly: () => boolean;
}

/** The engine's own limit comes first and ends the command; this one is for a runner that does not listen. */
const extraTimeMs = 5000;
const maxStdoutLength = 256 * 1024;

/**
 * A hook of one session that runs a user's command. The command has the payload as JSON on stdin and in
 * `KODA_HOOK_PAYLOAD`. A payload above 64 KiB is cut for observers, and says so in `isCut`; a guard fails on it, for it
 * would judge what it has not seen. How it answers: {@link parseCommandAnswer}.
 *
 * @throws {CoreError} `bad_hook` that says which field of the record is wrong.
 */
export function toCommandHook(record: HookRecord, options: CommandHookOptions): Hook {
  const commandHook = parseHookRecord(record);
  const { name, event, role, order, timeoutMs, matcher } = commandHook;
  const run: Hook["run"] = (payload, { signal }) => runCommand(commandHook, { payload, signal, ...options });
  return { name, event, role, order, timeoutMs, matcher, run };
}

async function runCommand(
  { role, command, timeoutMs }: CommandHook,
  { payload, signal, runner, id, isReadOnly }: CommandHookOptions & RunOptions,
): Promise<HookAnswer> {
  const word = role === "guard" ? toPayloadWord(payload) : toCutPayloadWord(payload);
  if (word === null) throw new Error("what it is to judge is longer than the 64 KiB that can be given to a command");
  let stdout = "";
  let hasArrived = false;
  const result = await runner.run(
    {
      callId: `hook_${id()}`,
      command: toScript(word, command),
      timeoutMs: timeoutMs + extraTimeMs,
      isReadOnly: isReadOnly(),
      onOutput: ({ stream, text }) => {
        hasArrived = true;
        if (stream === "stdout" && stdout.length < maxStdoutLength) stdout += text;
      },
    },
    { signal },
  );
  // A runner that passes on no text as it arrives still gives all of it at the end.
  return parseCommandAnswer({ ...result, stdout: hasArrived ? stdout : result.output });
}

interface RunOptions {
  readonly payload: HookPayload;
  readonly signal: AbortSignal;
}

/** The user's text stays one argument, so that nothing in it can change how it is called. */
const toScript = (payloadWord: string, command: string): string =>
  [
    `export KODA_HOOK_PAYLOAD=${payloadWord}`,
    `printf '%s' "$KODA_HOOK_PAYLOAD" 2>/dev/null | bash -c ${shellQuote(command)}`,
  ].join("\n");
