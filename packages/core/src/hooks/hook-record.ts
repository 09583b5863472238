import { z } from "zod";
import type { HookRecord } from "../store/project-store.ts";
import { shellQuote } from "../tools/shell-quote.ts";
import { badHook, checkHook, type HookRole } from "./hook.ts";
import type { HookMatcher } from "./hook-matcher.ts";
import { type HookEvent, hookEvents } from "./hook-payload.ts";

/** A command of the user's with what its record says of it, checked. */
export interface CommandHook {
  readonly name: string;
  readonly event: HookEvent;
  readonly role: HookRole;
  readonly order: number;
  readonly timeoutMs: number;
  readonly matcher: HookMatcher;
  /** Given to bash. */
  readonly command: string;
}

/** Quoted. With a payload it stays below the 128 KiB that Linux lets one argument of a program have. */
const maxCommandBytes = 32 * 1024;

/**
 * Reads the record of a hook. Its matcher is a JSON object with any of `tool`, `pathGlob`, `commandPattern` (a regular
 * expression as text), `sessionId` and `skillGlob`.
 *
 * @throws {CoreError} `bad_hook` that says which field is wrong.
 */
export function parseHookRecord(record: HookRecord): CommandHook {
  const { name, role, order, timeoutMs, command } = record;
  const event = hookEvents.find((each) => each === record.event);
  if (event === undefined) throw badHook(name, "event", `is to be one of ${hookEvents.join(", ")}`);
  if (command.trim() === "" || command.includes("\0"))
    throw badHook(name, "command", "is to be a command, without a NUL");
  if (Buffer.byteLength(shellQuote(command)) > maxCommandBytes) {
    throw badHook(name, "command", `is to have at most ${maxCommandBytes} bytes`);
  }
  const hook = { name, event, role, order, timeoutMs };
  checkHook(hook);
  return { ...hook, matcher: parseMatcher(record), command };
}

function parseMatcher({ name, matcherJson }: HookRecord): HookMatcher {
  let json: unknown;
  try {
    json = JSON.parse(matcherJson);
  } catch (error) {
    throw badHook(name, "matcher", "is not JSON", { cause: error });
  }
  const parsed = matcher.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = ["matcher", ...(issue?.path ?? [])].join(".");
    throw badHook(name, field, `does not fit: ${issue?.message ?? "it is no matcher"}`, { cause: parsed.error });
  }
  const { commandPattern, ...others } = parsed.data;
  if (commandPattern === undefined) return others;
  try {
    return { ...others, commandPattern: new RegExp(commandPattern) };
  } catch (error) {
    throw badHook(name, "matcher.commandPattern", "is no regular expression", { cause: error });
  }
}

const text = z.string().min(1).max(1000).optional();

// Strict: a misspelt condition would make a guard that is never asked, or an observer that always is.
const matcher = z.strictObject({ tool: text, pathGlob: text, commandPattern: text, sessionId: text, skillGlob: text });
