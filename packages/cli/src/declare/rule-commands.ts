import { Argument, type Command } from "commander";
import type { Invocation } from "../invocation.ts";

/** Written again rather than imported, as the modes are. */
const verdicts = ["allow", "ask", "deny"] as const;

/** What the model's calls may do in this project, above what the mode says. */
export function declareRuleCommands(program: Command, choose: (invocation: Invocation) => void): void {
  const rules = program
    .command("rules")
    .description("permission rules of this project: which calls run, are asked about, or are refused, in every mode");
  rules
    .command("add")
    .addArgument(new Argument("<verdict>", "what becomes of such a call").choices([...verdicts]))
    .argument("<rule>", 'Tool or Tool(pattern), as in "Bash(npm test:*)"')
    .description("from the next session on; deny wins over ask, ask over allow")
    .addHelpText("after", helpTail)
    .action((verdict, text) => choose({ kind: "rules", change: { kind: "add", verdict, text } }));
  rules
    .command("list")
    .option("--json", "print JSON")
    .description("those of this project, the ones that were answered with “always” included")
    .action((options) => choose({ kind: "rules", change: { kind: "list", isJson: options.json === true } }));
  rules
    .command("remove")
    .argument("<rule>", "as it is listed, without its verdict")
    .description("forget one, whatever its verdict")
    .action((text) => choose({ kind: "rules", change: { kind: "remove", text } }));
}

const helpTail = `
  koda rules add allow "Bash(npm test:*)"     commands that begin with npm test
  koda rules add ask "Edit(docs/**)"          a glob below the project
  koda rules add deny WebFetch                every call of a tool
  koda rules add allow "mcp__github__*"       every tool of a server

A call that is asked about is refused where nobody can answer, as in koda -p.`;
