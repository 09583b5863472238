import { type Command, Option } from "commander";
import { CliError } from "../errors.ts";
import type { Invocation, RewindTarget, SessionsAction } from "../invocation.ts";
import { parsePositive, parseUrl } from "./parse-option.ts";
import { declareSessionFlags, toSessionFlags } from "./session-flags.ts";

/** What is done with sessions that are there already. */
export function declareSessionCommands(program: Command, choose: (invocation: Invocation) => void): void {
  declareSessions(program, choose);
  declareSessionFlags(
    program
      .command("resume")
      .description("go on with the turn that was interrupted, and what was asked for meanwhile")
      .argument("[session]", sessionArgument),
  ).action((session, options) =>
    choose({
      kind: "session",
      options: toSessionFlags({
        ...options,
        ...(session === undefined ? { continue: true } : { resume: session }),
        unfinished: true,
      }),
    }),
  );
  program
    .command("export")
    .description("write a session as lines of JSON")
    .argument("[session]", sessionArgument)
    .addOption(new Option("--format <format>", "how it is written").choices(["jsonl"]).default("jsonl"))
    .option("-o, --output <file>", "instead of stdout; a file that exists is kept")
    .action((session, options) => choose({ kind: "export", session: session ?? null, output: options.output ?? null }));
  program
    .command("import")
    .description("take in a session that was exported, under its own id, into this project")
    .argument("<file>", 'the lines of JSON; "-" reads stdin')
    .option("--json", "print JSON")
    .action((file, options) => choose({ kind: "import", file, isJson: options.json === true }));
  program
    .command("attach")
    .description("look on while a session runs elsewhere, until Ctrl-C")
    .argument("[session]", sessionArgument)
    .option("--json", "print what happens as JSON lines")
    .action((session, options) => choose({ kind: "attach", session: session ?? null, isJson: options.json === true }));
}

/** The same words wherever a session is named. */
export const sessionArgument = "its id, or the first characters of it; the latest of this project by default";

function declareSessions(program: Command, choose: (invocation: Invocation) => void): void {
  const act = (action: SessionsAction, options: { json?: boolean }): void =>
    choose({ kind: "sessions", action, isJson: options.json === true });
  const sessions = program
    .command("sessions")
    .description("list the sessions of this project; look at one, or change it")
    .option("--json", "print JSON")
    .action((options) => act({ kind: "list" }, options));
  // Of the command before it, too: `sessions --json show ID` and `sessions show ID --json` say the same.
  const withJson = (command: Command): Command => command.option("--json", "print JSON");
  const named = "its id, or the first characters of it";
  withJson(
    sessions.command("show").argument("<session>", named).description("its conversation, and what waits in it"),
  ).action((session, _options, command: Command) => act({ kind: "show", session }, command.optsWithGlobals()));
  withJson(sessions.command("fork").argument("<session>", named).description("a new session over the same past"))
    .option("--at <entry>", "go back to this entry first; `koda sessions show --json` names them")
    .action((session, options, command: Command) =>
      act({ kind: "fork", session, at: options.at ?? null }, command.optsWithGlobals()),
    );
  withJson(
    sessions.command("status").argument("<session>", named).description("its state, what waits in it, what it used"),
  ).action((session, _options, command: Command) => act({ kind: "status", session }, command.optsWithGlobals()));
  for (const [kind, description] of [
    ["pause", "hold new turns until it is resumed"],
    ["resume", "take prompts again, after a pause or an end"],
  ] as const) {
    withJson(sessions.command(kind).argument("<session>", named).description(description)).action(
      (session, _options, command: Command) => act({ kind, session }, command.optsWithGlobals()),
    );
  }
  withJson(
    sessions
      .command("rewind")
      .argument("<session>", named)
      .description(
        "go back, by one turn if nothing else is said; what came after stays on record, and files as they are",
      ),
  )
    .option("--turns <n>", "by that many turns", parsePositive)
    .option("--to <entry>", "to this entry; `koda sessions show --json` names them")
    .action((session, options, command: Command) =>
      act({ kind: "rewind", session, to: toTarget(options) }, command.optsWithGlobals()),
    );
  withJson(
    sessions
      .command("compact")
      .argument("<session>", named)
      .description("have the model summarise the older part of it; the record stays whole"),
  )
    .option("--model <name>", "the model to ask (KODA_MODEL); the session's own by default")
    .option("--base-url <url>", "any OpenAI-compatible server (OPENAI_BASE_URL)", parseUrl)
    .action((session, { model, baseUrl }, command: Command) =>
      choose({ kind: "compact", session, model, baseUrl, isJson: command.optsWithGlobals()["json"] === true }),
    );
  sessions
    .command("rm")
    .argument("<session>", named)
    .description("delete it for good")
    .action((session, options) => act({ kind: "remove", session }, options));
}

function toTarget({ to, turns }: { to?: string; turns?: number }): RewindTarget {
  if (to !== undefined && turns !== undefined) throw new CliError("usage", "--to and --turns exclude each other");
  return to === undefined ? { kind: "turns", turns: turns ?? 1 } : { kind: "entry", entryId: to };
}
