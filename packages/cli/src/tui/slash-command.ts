import { parseTrustMode, type TrustMode } from "@koda/core";

/** A line that begins with a slash. It is for Koda and never reaches the model. */
export type SlashCommand =
  | { readonly kind: "help" }
  | { readonly kind: "exit" }
  /** Goes on with what was interrupted. */
  | { readonly kind: "continue" }
  /** Null asks which one is set. */
  /** Has the older part of the conversation summarised. */
  | { readonly kind: "compact" }
  /** Goes back by one turn. */
  | { readonly kind: "rewind" }
  | { readonly kind: "mode"; readonly mode: TrustMode | null }
  | { readonly kind: "model"; readonly model: string | null }
  | { readonly kind: "sessions"; readonly id: string | null }
  /** `hint` says what was expected. */
  | { readonly kind: "unknown"; readonly hint: string };

/** Null for text that is a prompt: no slash first, or a path (`/etc/hosts is wrong`). */
export function parseSlashCommand(line: string): SlashCommand | null {
  const match = /^\/([^\s/]*)(?:\s+(.*))?$/su.exec(line.trim());
  if (match === null) return null;
  const [, name = "", rest = ""] = match;
  const argument = rest.trim();
  switch (name) {
    case "help":
    case "?":
      return { kind: "help" };
    case "exit":
    case "quit":
      return { kind: "exit" };
    case "continue":
      return { kind: "continue" };
    case "compact":
      return { kind: "compact" };
    case "rewind":
      return { kind: "rewind" };
    case "mode":
      return parseMode(argument);
    case "model":
      return { kind: "model", model: argument === "" ? null : argument };
    case "sessions":
      return { kind: "sessions", id: argument === "" ? null : argument };
    default:
      return { kind: "unknown", hint: `Unknown command /${name}. ${commandNames}` };
  }
}

/** What /help prints. */
export const helpText: string = `Commands
  /mode [plan|safe|auto]  show or set how much is not asked
  /model [name]           choose a model, or change to one
  /sessions [id]          choose a session, or open one
  /continue               go on with what was interrupted
  /rewind                 go back by one turn; files stay
  /compact                summarise the older part now
  /help                   this text
  /exit                   leave; the session stays resumable
Keys
  Enter                   send; while a turn runs, tell the
                          model before its next step
  Alt+Enter, \\ Enter      a new line
  ↑ ↓                     earlier prompts
  Shift+Tab               next mode: plan → safe → auto
  Esc, Ctrl-C             stop the turn; take back what
                          it has not read yet
  Ctrl-C twice, Ctrl-D    leave, when no turn runs
Modes
  plan                    investigate: nothing is changed
  safe                    ask before every side effect
  auto                    ask for what cannot be undone, is
                          outside the project, or a new host`;

const commandNames = "Commands: /help /mode /model /sessions /continue /rewind /compact /exit";

function parseMode(argument: string): SlashCommand {
  if (argument === "") return { kind: "mode", mode: null };
  const mode = parseTrustMode(argument.toLowerCase());
  if (mode === null) return { kind: "unknown", hint: `No mode ${JSON.stringify(argument)}. Modes: plan, safe, auto` };
  return { kind: "mode", mode };
}
