import type { Command } from "commander";
import type { HostRuleChange, Invocation } from "../invocation.ts";

/** `koda allow` and `koda deny`. */
export function declareHostCommands(program: Command, choose: (invocation: Invocation) => void): void {
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
