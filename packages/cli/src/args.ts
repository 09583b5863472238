import { type Command, CommanderError } from "commander";
import { CliError } from "./errors.ts";
import type { Invocation } from "./invocation.ts";
import { createProgram } from "./program.ts";

/**
 * Parses the words after `koda`.
 *
 * @throws {CliError} `usage` with a message that names the bad word and what is allowed.
 */
export function parseArgs(argv: readonly string[]): Invocation {
  const found: { invocation: Invocation | null } = { invocation: null };
  const output: string[] = [];
  const program = createProgram((invocation) => {
    found.invocation = invocation;
  });
  const settings = { writeOut: (text: string) => output.push(text), writeErr: (text: string) => output.push(text) };
  for (const command of withSubcommands(program)) command.exitOverride().configureOutput(settings);
  try {
    program.parse([...argv], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === "commander.version") return { kind: "version" };
    if (error.exitCode === 0) return { kind: "help", text: output.join("") };
    const [word] = program.args;
    if (error.code === "commander.excessArguments" && !program.commands.some((known) => known.name() === word)) {
      const message = `koda has no command ${JSON.stringify(word)}; to ask the model: koda -p "…" (see koda --help)`;
      throw new CliError("usage", message, { cause: error });
    }
    throw new CliError("usage", output.join("").trim() || error.message, { cause: error });
  }
  if (found.invocation === null) throw new CliError("usage", "nothing to do; see koda --help");
  return found.invocation;
}

const withSubcommands = (command: Command): readonly Command[] => [
  command,
  ...command.commands.flatMap(withSubcommands),
];
