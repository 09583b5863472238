import { parseArgs } from "./args.ts";
import { type ExitCode, exitCode, toExitCode } from "./exit-code.ts";
import type { Invocation } from "./invocation.ts";
import type { Io } from "./io.ts";

/** Runs `koda` with the words after its name, and exits the process with its status. */
export async function main(argv: readonly string[]): Promise<void> {
  const io: Io = {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    environment: { ...process.env },
    cwd: process.cwd(),
    signals: process,
  };
  // A reader that has gone (koda … | head) is no error of ours.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(exitCode.done);
  });
  process.exitCode = await run(argv, io);
  await drained(process.stdout);
  process.exit();
}

/** The same without the process: argv → exit status. The one place that prints an unexpected error. */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  try {
    return await dispatch(parseArgs(argv), io);
  } catch (error) {
    const code = codeOf(error);
    const text = code === null && error instanceof Error ? (error.stack ?? error.message) : messageOf(error);
    io.stderr.write(`koda: ${text}\n`);
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
      return (await import("./commands/sessions.ts")).listSessions(invocation, io);
    case "egress":
      return (await import("./commands/egress.ts")).listEgress(invocation, io);
    case "host-rule":
      return (await import("./commands/host-rule.ts")).changeHostRules(invocation, io);
    case "mcp":
      return (await import("./commands/mcp.ts")).changeMcpServers(invocation.change, io);
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

function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write("", () => resolve()));
}
