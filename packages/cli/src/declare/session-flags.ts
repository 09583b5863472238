import type { ThinkingEffort, TrustMode } from "@koda/core";
import { type Command, Option } from "commander";
import { CliError } from "../errors.ts";
import type { SessionFlags } from "../invocation.ts";
import { collect, collectPorts, parseAmount, parsePort, parsePositive, parseUrl } from "./parse-option.ts";

/** Written again rather than imported: --help and --version must not load the engine. */
const trustModes: readonly TrustMode[] = ["plan", "safe", "auto"];

const thinkingEfforts: readonly ThinkingEffort[] = ["low", "medium", "high"];

/** The flags of everything that opens a session. */
export function declareSessionFlags(command: Command): Command {
  return command
    .addOption(
      new Option("--output-format <format>", "without a terminal: what stdout holds")
        .choices(["text", "json", "stream-json"])
        .default("text"),
    )
    .option("--model <name>", "the model to ask (KODA_MODEL)")
    .option("--base-url <url>", "any OpenAI-compatible server (OPENAI_BASE_URL)", parseUrl)
    .addOption(new Option("--mode <mode>", "how much happens without asking (KODA_MODE)").choices([...trustModes]))
    .addOption(
      new Option("--thinking <effort>", "how much the model thinks, in this session from now on").choices([
        ...thinkingEfforts,
      ]),
    )
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
    .option("--trace <file>", "write what happens as JSON lines, without any text of it (KODA_TRACE)")
    .option("--proxy-port <n>", "fixed port for the session's HTTP proxy", parsePort)
    .option("--socks-port <n>", "fixed port for the session's SOCKS5 proxy", parsePort);
}

/** Absent from what commander gives when not typed, so that the help shows no default. */
type ListFlag = "continue" | "unfinished" | "allow" | "allowPrivate" | "hostPort" | "publish";

/** Commander has checked every value against the declarations above. */
export type TypedFlags = Omit<SessionFlags, ListFlag> & Partial<Pick<SessionFlags, ListFlag>>;

/** @throws {CliError} `usage` when two of them exclude each other. */
export function toSessionFlags(flags: TypedFlags): SessionFlags {
  if (flags.resume !== undefined && flags.continue)
    throw new CliError("usage", "--resume and --continue exclude each other");
  const { continue: isContinued = false, unfinished = false } = flags;
  const { allow = [], allowPrivate = [], hostPort = [], publish = [] } = flags;
  return { ...flags, continue: isContinued, unfinished, allow, allowPrivate, hostPort, publish };
}

/** A flag of a session before a command would do nothing: better to say so. */
export function refuseSessionFlags(program: Command, command: Command): void {
  const ignored = program.options.find((option) => program.getOptionValueSource(option.attributeName()) === "cli");
  if (ignored !== undefined) throw new CliError("usage", `${ignored.long} does not go with koda ${command.name()}`);
}
