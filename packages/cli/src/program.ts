import { Command } from "commander";
import { declareHookCommands } from "./declare/hook-commands.ts";
import { declareHostCommands } from "./declare/host-commands.ts";
import { declareLedgerCommands } from "./declare/ledger-commands.ts";
import { declareMcpCommands } from "./declare/mcp-commands.ts";
import { declareRuleCommands } from "./declare/rule-commands.ts";
import { declareSessionCommands } from "./declare/session-commands.ts";
import { declareSessionFlags, refuseSessionFlags, toSessionFlags } from "./declare/session-flags.ts";
import type { Invocation } from "./invocation.ts";

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
    .option("-r, --resume <id>", "go on with a session; the first characters of its id will do")
    .option("-c, --continue", "go on with the latest session of this project");
  declareSessionFlags(program)
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
  declareSessionCommands(program, choose);
  declareLedgerCommands(program, choose);
  declareHostCommands(program, choose);
  declareMcpCommands(program, choose);
  declareHookCommands(program, choose);
  declareRuleCommands(program, choose);
  return program;
}

const helpTail = `
Modes:
  plan   investigate only; the project is mounted read-only
  safe   ask before every side effect
  auto   run inside the sandbox; ask for what is destructive or outside the project (default)

Exit status: 0 done, 1 error, 2 usage, 3 blocked by policy, 4 limit reached, 5 provider or auth, 130 cancelled`;
