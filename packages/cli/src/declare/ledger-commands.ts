import { type Command, Option } from "commander";
import type { Invocation } from "../invocation.ts";
import { parseDate } from "./parse-option.ts";
import { sessionArgument } from "./session-commands.ts";

/** What sessions did, as it was recorded. */
export function declareLedgerCommands(program: Command, choose: (invocation: Invocation) => void): void {
  program
    .command("egress")
    .description("list the connections of a session")
    .argument("[session]", sessionArgument)
    .option("--json", "print JSON")
    .action((session, options) => choose({ kind: "egress", session: session ?? null, isJson: options.json === true }));
  program
    .command("audit")
    .description("list what the guard found in a session: secrets blanked, calls stopped or asked about")
    .argument("[session]", sessionArgument)
    .option("--json", "print JSON")
    .action((session, options) => choose({ kind: "audit", session: session ?? null, isJson: options.json === true }));
  program
    .command("cost")
    .description("sum up what models were asked and what it cost, over all sessions of this user")
    .addOption(new Option("--by <what>", "one line for each").choices(["model", "day"]).default("model"))
    .option("--since <date>", "from this day on, in UTC", parseDate)
    .option("--session <id>", "of this session only, with those it opened")
    .option("--json", "print JSON")
    .action((options) =>
      choose({
        kind: "cost",
        by: options.by,
        sinceMs: options.since ?? null,
        session: options.session ?? null,
        isJson: options.json === true,
      }),
    );
}
