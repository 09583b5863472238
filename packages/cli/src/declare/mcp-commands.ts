import type { Command } from "commander";
import { CliError } from "../errors.ts";
import type { Invocation } from "../invocation.ts";
import { collect, parseVariables } from "./parse-option.ts";

export function declareMcpCommands(program: Command, choose: (invocation: Invocation) => void): void {
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
      if (command === undefined) throw new CliError("usage", "missing the command that starts the server");
      choose({ kind: "mcp", change: { kind: "add", name, command, args, env: parseVariables(options.env ?? []) } });
    });
  mcp
    .command("remove")
    .argument("<name>")
    .action((name) => choose({ kind: "mcp", change: { kind: "remove", name } }));
  mcp.command("list").action(() => choose({ kind: "mcp", change: { kind: "list" } }));
}
