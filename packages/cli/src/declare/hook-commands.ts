import { type Command, Option } from "commander";
import { CliError } from "../errors.ts";
import type { HookRole, Invocation } from "../invocation.ts";
import { parseAmount } from "./parse-option.ts";

/** Written again rather than imported, as the modes are. What a role may do at which event, the engine checks. */
const hookEvents = ["before-tool", "after-tool", "before-generate", "after-generate", "session-start", "session-end"];

/** Commands of the user's that are run when something happens in a session of this project. */
export function declareHookCommands(program: Command, choose: (invocation: Invocation) => void): void {
  const hooks = program
    .command("hooks")
    .description("commands of yours that sessions of this project run, inside the sandbox, when something happens");
  hooks
    .command("add")
    .argument("<name>", "a hook of this name is replaced")
    .argument("[words...]", "-- and the command for bash")
    .description("run a command at an event; it reads the event as JSON from its stdin or $KODA_HOOK_PAYLOAD")
    .addOption(new Option("--event <event>", "when it is run").choices(hookEvents).makeOptionMandatory())
    .option("--tool <name>", "only for this tool: Bash, Edit, …")
    .option("--path <glob>", "only for calls that name such a path")
    .option("--command <regexp>", "only for shell commands in which this is found")
    .option(
      "--guard",
      "it may stop what happens: exit 2 blocks, with what it printed as the reason; a failure blocks too",
    )
    .option("--observe", "it is waited for and stops nothing (default)")
    .option("--async", "nobody waits for it")
    .option("--timeout <seconds>", "how long it may take; 30 by default", parseAmount)
    .option("--order <n>", "lower runs first; 100 by default", parseOrder)
    .addHelpText("after", helpTail)
    .action((name, words: readonly string[], options) => {
      const command = words.join(" ").trim();
      if (command === "")
        throw new CliError("usage", "missing the command: koda hooks add NAME --event EVENT -- COMMAND");
      choose({
        kind: "hooks",
        change: {
          kind: "add",
          name,
          event: options.event,
          role: roleOf(options),
          order: options.order ?? 100,
          timeoutMs: Math.ceil((options.timeout ?? 30) * 1_000),
          tool: options.tool ?? null,
          pathGlob: options.path ?? null,
          commandPattern: options.command ?? null,
          command,
        },
      });
    });
  hooks
    .command("list")
    .option("--json", "print JSON")
    .description("those of this project, in the order they are run")
    .action((options) => choose({ kind: "hooks", change: { kind: "list", isJson: options.json === true } }));
  hooks
    .command("remove")
    .argument("<name>")
    .description("forget one")
    .action((name) => choose({ kind: "hooks", change: { kind: "remove", name } }));
}

function roleOf(options: { guard?: boolean; observe?: boolean; async?: boolean }): HookRole {
  const { guard = false, observe = false, async: isAsync = false } = options;
  if ([guard, observe, isAsync].filter(Boolean).length > 1)
    throw new CliError("usage", "--guard, --observe and --async exclude each other");
  if (guard) return "guard";
  return isAsync ? "async" : "observer";
}

function parseOrder(text: string): number {
  if (!/^-?\d{1,9}$/.test(text))
    throw new CliError("usage", `--order takes a whole number, not ${JSON.stringify(text)}`);
  return Number(text);
}

const helpTail = `
Several words are one command line: quote it once, as for bash -c.

  koda hooks add no-lockfile --event before-tool --path 'pnpm-lock.yaml' --guard \\
    -- 'echo "the lockfile is written by pnpm alone" >&2; exit 2'
  koda hooks add format --event after-tool --tool Edit -- 'npx prettier --write .'`;
