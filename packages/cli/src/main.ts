import { parseArgs } from "./args.ts";
import { CliError } from "./errors.ts";
import { type ExitCode, exitCode, toExitCode } from "./exit-code.ts";
import type { Invocation } from "./invocation.ts";
import type { Io } from "./io.ts";
import { escapeText } from "./render/escape-text.ts";

/** Runs `koda` with the words after its name, and exits the process with its status. */
export async function main(argv: readonly string[]): Promise<void> {
  const io: Io = {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    environment: { ...process.env },
    get cwd() {
      return currentFolder();
    },
    signals: process,
  };
  const lost: NodeJS.ErrnoException[] = [];
  process.stdout.on("error", (error) => lost.push(error));
  process.stderr.on("error", () => undefined); // nobody is left to tell; the work goes on
  const code = await run(argv, io);
  await drained(process.stdout);
  // A reader that has gone (koda … | head) is no error of ours; an answer that was not written (a full disk) is.
  const failure = lost.find((error) => error.code !== "EPIPE");
  if (failure === undefined) process.exit(code);
  process.stderr.write(`koda: standard output: ${failure.message}\n`);
  process.exit(code === exitCode.done ? exitCode.error : code);
}

/** The same without the process: argv → exit status. The one place that prints an unexpected error. */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  try {
    return await dispatch(parseArgs(argv), io);
  } catch (error) {
    const code = codeOf(error);
    const text = code === null && error instanceof Error ? (error.stack ?? error.message) : messageOf(error);
    io.stderr.write(`koda: ${escapeText(text)}\n`);
    return code === null ? exitCode.error : toExitCode(code);
  }
}

/** Imports only what the chosen command needs. */
async function dispatch(invocation: Invocation, io: Io): Promise<ExitCode> {
  switch (invocation.kind) {
    case "help":
      io.stdout.write(invocation.text);
      return exitCode.done;
    case "version":
      return (await import("./commands/version.ts")).printVersion(io);
    case "session":
      return (await import("./commands/session.ts")).runSession(invocation.options, io);
    case "demo":
      return (await import("./demo/run-demo.ts")).runDemo(io);
    case "doctor":
      return (await import("./commands/doctor.ts")).runDoctorCommand(invocation);
    case "sessions":
      return (await import("./commands/sessions.ts")).manageSessions(invocation, io);
    case "compact":
      return (await import("./commands/compact-session.ts")).compactSession(invocation, io);
    case "export":
      return (await import("./commands/export.ts")).exportToLines(invocation, io);
    case "import":
      return (await import("./commands/import.ts")).importFromLines(invocation, io);
    case "attach":
      return (await import("./commands/attach.ts")).attach(invocation, io);
    case "egress":
      return (await import("./commands/egress.ts")).listEgress(invocation, io);
    case "audit":
      return (await import("./commands/audit.ts")).listAudit(invocation, io);
    case "cost":
      return (await import("./commands/cost.ts")).showCost(invocation, io);
    case "host-rule":
      return (await import("./commands/host-rule.ts")).changeHostRules(invocation, io);
    case "mcp":
      return (await import("./commands/mcp.ts")).changeMcpServers(invocation.change, io);
    case "hooks":
      return (await import("./commands/hooks.ts")).changeHooks(invocation.change, io);
    case "rules":
      return (await import("./commands/rules.ts")).changeRules(invocation.change, io);
    default:
      return invocation satisfies never;
  }
}

/** The closed code of an error of our packages; null for anything unexpected. */
function codeOf(error: unknown): string | null {
  const isOurs = error instanceof Error && /^(Core|Sandbox|Provider|Mcp|Cli)Error$/.test(error.name);
  return isOurs && "code" in error && typeof error.code === "string" ? error.code : null;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function currentFolder(): string {
  try {
    return process.cwd();
  } catch (cause) {
    throw new CliError("usage", "the current folder is gone; change to another one", { cause });
  }
}

function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write("", () => resolve()));
}
