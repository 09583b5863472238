import type { TrustMode } from "@koda/core";
import { Command, InvalidArgumentError, Option } from "commander";
import { CliError } from "./errors.ts";
import type { HostRuleChange, Invocation, PortPair, SessionFlags, SessionsAction } from "./invocation.ts";

/** Written again rather than imported: --help and --version must not load the engine. */
const trustModes: readonly TrustMode[] = ["plan", "safe", "auto"];

/** Every command, flag and help text of `koda`; `choose` is told which one was typed. */
export function createProgram(choose: (invocation: Invocation) => void): Command {
  const program = new Command("koda")
    .description("A coding agent for the terminal that you can leave alone.")
    .usage("[options] | <command>")
    .version("", "-V, --version", "print the version")
    .helpOption("-h, --help", "show this help")
    .showHelpAfterError("See koda --help.")
    .allowExcessArguments(false)
    .helpCommand("help [command]", "show the help of a command")
    .option("-p, --prompt <prompt>", 'run one prompt without a terminal and print the answer; "-" reads it from stdin')
    .addOption(
      new Option("--output-format <format>", "with -p: what stdout holds")
        .choices(["text", "json", "stream-json"])
        .default("text"),
    )
    .option("--model <name>", "the model to ask (KODA_MODEL)")
    .option("--base-url <url>", "any OpenAI-compatible server (OPENAI_BASE_URL)", parseUrl)
    .addOption(new Option("--mode <mode>", "how much happens without asking (KODA_MODE)").choices([...trustModes]))
    .option("-r, --resume <id>", "go on with a session; the first characters of its id will do")
    .option("-c, --continue", "go on with the latest session of this project")
    .option("--max-turns <n>", "stop a turn after this many requests to the model", parsePositive)
    .option("--max-cost <dollars>", "stop a turn that has cost this much", parseAmount)
    .option("--timeout <seconds>", "stop a turn after this time", parseAmount)
    .option("--allow <host>", "let commands reach this host too, in this run (repeatable)", collect)
    .option("--allow-private <host>", "the same for a host on your own network (repeatable)", collect)
    .option(
      "--host-port <port>",
      "let commands find this machine's port at their own 127.0.0.1; PORT or HOST:SANDBOX (repeatable)",
      collectPorts,
    )
    .option(
      "--publish <port>",
      "let this machine find commands' port at its 127.0.0.1; PORT or HOST:SANDBOX (repeatable)",
      collectPorts,
    )
    .option(
      "--project-root <dir>",
      "the folder that may be changed; the repository around the current folder by default",
    )
    .option("--record <file>", "write the exchange with the model to a cassette")
    .option("--proxy-port <n>", "fixed port for the session's HTTP proxy", parsePort)
    .option("--socks-port <n>", "fixed port for the session's SOCKS5 proxy", parsePort)
    .addHelpText("after", helpTail)
    .action((_options, command: Command) => choose({ kind: "session", options: toSessionFlags(command.opts()) }))
    .hook("preSubcommand", refuseSessionFlags);

  program
    .command("demo")
    .description("watch a recorded session fix a failing test, confined for real")
    .action(() => choose({ kind: "demo" }));
  program
    .command("doctor")
    .description("try every rule of the sandbox on this machine")
    .option("--json", "print JSON")
    .action((options) => choose({ kind: "doctor", isJson: options.json === true }));
  addSessionCommands(program, choose);
  program
    .command("egress")
    .description("list the connections of a session, the latest by default")
    .argument("[session]", "its id, or the first characters of it")
    .option("--json", "print JSON")
    .action((session, options) => choose({ kind: "egress", session: session ?? null, isJson: options.json === true }));
  for (const verdict of ["allow", "deny"] as const) {
    const command = program
      .command(verdict)
      .description(
        `${verdict === "allow" ? "let commands reach a host" : "forbid a host"}, in this project, from the next session on`,
      )
      .argument(
        "[pattern]",
        "host, *.host (one label), **.host (one or more), each with an optional :port; without it: list the rules",
      )
      .option("--remove", "forget the rule")
      .action((pattern, options) => choose({ kind: "host-rule", verdict, change: toHostRuleChange(pattern, options) }));
    if (verdict === "allow") command.option("--private", "the host may be on your own network or machine");
  }
  const mcp = program
    .enablePositionalOptions()
    .command("mcp")
    .enablePositionalOptions()
    .description("MCP servers, started inside the sandbox");
  mcp
    .command("add")
    .argument("<name>")
    .argument("<command>")
    .argument("[args...]")
    .option("-e, --env <NAME=value>", "a variable for the server (repeatable)", collect)
    .passThroughOptions()
    .action((name, first, rest, options) => {
      const [command, ...args] = first === "--" ? rest : [first, ...rest]; // `add NAME -- COMMAND` is what people know
      if (command === undefined) throw usage("missing the command that starts the server");
      choose({ kind: "mcp", change: { kind: "add", name, command, args, env: parseVariables(options.env ?? []) } });
    });
  mcp
    .command("remove")
    .argument("<name>")
    .action((name) => choose({ kind: "mcp", change: { kind: "remove", name } }));
  mcp.command("list").action(() => choose({ kind: "mcp", change: { kind: "list" } }));
  return program;
}

function addSessionCommands(program: Command, choose: (invocation: Invocation) => void): void {
  const act = (action: SessionsAction, options: { json?: boolean }): void =>
    choose({ kind: "sessions", action, isJson: options.json === true });
  const sessions = program
    .command("sessions")
    .description("list the sessions of this project; show, fork or delete one")
    .option("--json", "print JSON")
    .action((options) => act({ kind: "list" }, options));
  // Of the command before it, too: `sessions --json show ID` and `sessions show ID --json` say the same.
  const withJson = (command: Command): Command => command.option("--json", "print JSON");
  withJson(sessions.command("show").argument("<session>").description("its conversation, and what waits in it")).action(
    (session, _options, command: Command) => act({ kind: "show", session }, command.optsWithGlobals()),
  );
  withJson(sessions.command("fork").argument("<session>").description("a new session over the same past"))
    .option("--at <entry>", "go back to this entry first")
    .action((session, options, command: Command) =>
      act({ kind: "fork", session, at: options.at ?? null }, command.optsWithGlobals()),
    );
  sessions
    .command("rm")
    .argument("<session>")
    .description("delete it for good")
    .action((session, options) => act({ kind: "remove", session }, options));
  program
    .command("resume")
    .description("go on with the turn that was interrupted; without one, as koda --resume")
    .argument("[session]", "its id, or the first characters of it; the latest of this project by default")
    .addOption(new Option("--output-format <format>").choices(["text", "json", "stream-json"]).default("text"))
    .option("--model <name>", "the model to ask (KODA_MODEL)")
    .option("--base-url <url>", "any OpenAI-compatible server (OPENAI_BASE_URL)", parseUrl)
    .addOption(new Option("--mode <mode>").choices([...trustModes]))
    .action((session, options) =>
      choose({
        kind: "session",
        options: {
          ...toSessionFlags(options),
          ...(session === undefined ? { continue: true } : { resume: session }),
          unfinished: true,
        },
      }),
    );
  program
    .command("export")
    .description("write a session as lines of JSON, the latest by default")
    .argument("[session]", "its id, or the first characters of it")
    .addOption(new Option("--format <format>").choices(["jsonl"]).default("jsonl"))
    .option("-o, --output <file>", "instead of stdout; an existing file is kept")
    .action((session, options) => choose({ kind: "export", session: session ?? null, output: options.output ?? null }));
  program
    .command("import")
    .description("take in a session that was exported, under its own id, into this project")
    .argument("<file>", 'the lines of JSON; "-" reads stdin')
    .action((file) => choose({ kind: "import", file }));
  program
    .command("attach")
    .description("look on while a session runs elsewhere, the latest by default")
    .argument("[session]", "its id, or the first characters of it")
    .option("--json", "print events as JSON lines")
    .action((session, options) => choose({ kind: "attach", session: session ?? null, isJson: options.json === true }));
}

const helpTail = `
Modes:
  plan   investigate only; the project is mounted read-only
  safe   ask before every side effect
  auto   run inside the sandbox; ask for what is destructive or outside the project (default)

Exit status: 0 done, 1 error, 2 usage, 3 blocked by policy, 4 limit reached, 5 provider or auth, 130 cancelled`;

/** A flag of a session before a command would do nothing: better to say so. */
function refuseSessionFlags(program: Command, command: Command): void {
  const ignored = program.options.find((option) => program.getOptionValueSource(option.attributeName()) === "cli");
  if (ignored !== undefined) throw usage(`${ignored.long} does not go with koda ${command.name()}`);
}

/** Absent from what commander gives when not typed, so that the help shows no default. */
type ListFlag = "continue" | "unfinished" | "allow" | "allowPrivate" | "hostPort" | "publish";

/** Commander has checked every value against the declarations above. */
type TypedFlags = Omit<SessionFlags, ListFlag> & Partial<Pick<SessionFlags, ListFlag>>;

function toSessionFlags(flags: TypedFlags): SessionFlags {
  if (flags.resume !== undefined && flags.continue) throw usage("--resume and --continue exclude each other");
  const { continue: isContinued = false, allow = [], allowPrivate = [], hostPort = [], publish = [] } = flags;
  return { ...flags, continue: isContinued, unfinished: false, allow, allowPrivate, hostPort, publish };
}

function toHostRuleChange(
  pattern: string | undefined,
  options: { remove?: boolean; private?: boolean },
): HostRuleChange {
  if (pattern === undefined) return { kind: "list" };
  return options.remove === true
    ? { kind: "remove", pattern }
    : { kind: "add", pattern, isPrivate: options.private === true };
}

const usage = (message: string): CliError => new CliError("usage", message);
const collect = (value: string, previous: readonly string[] = []): readonly string[] => [...previous, value];

function parsePositive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("a whole number from 1 up is wanted.");
  return value;
}

function parseAmount(text: string): number {
  const value = Number(text);
  if (!(Number.isFinite(value) && value > 0)) throw new InvalidArgumentError("a number above zero is wanted.");
  return value;
}

function parsePort(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 65_535)
    throw new InvalidArgumentError("a port from 1 to 65535 is wanted.");
  return value;
}

/** This machine's port first, whichever way connections go. */
function collectPorts(text: string, previous: readonly PortPair[] = []): readonly PortPair[] {
  const [first = "", second = first, ...rest] = text.split(":");
  if (rest.length > 0 || ![first, second].every((port) => /^\d+$/.test(port)))
    throw new InvalidArgumentError("a port, or two as HOST:SANDBOX, is wanted.");
  return [...previous, { hostPort: parsePort(first), sandboxPort: parsePort(second) }];
}

function parseUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || !["http:", "https:"].includes(url.protocol))
    throw new InvalidArgumentError("an http or https URL is wanted.");
  return text;
}

function parseVariables(entries: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    entries.map((entry) => {
      const at = entry.indexOf("=");
      if (at < 1) throw usage(`not NAME=value: ${JSON.stringify(entry)}`);
      return [entry.slice(0, at), entry.slice(at + 1)];
    }),
  );
}
