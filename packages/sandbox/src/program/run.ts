import { readlinkSync } from "node:fs";
import { constants, homedir } from "node:os";
import { Command, CommanderError } from "commander";
import type { ProcessExit } from "../confined-process.ts";
import { devAllowlistFilter } from "../filter/dev-allowlist.ts";
import { createFilter } from "../filter/filter.ts";
import { findBroadRules } from "../filter/find-broad-rules.ts";
import { closeInherited } from "../linux/inherited-descriptors.ts";
import { openSandbox } from "../open-sandbox.ts";
import { ownDataDirectory } from "../own-data-directory.ts";
import { escapeWildcards } from "../policy/path-glob.ts";
import { createPolicy, type Policy } from "../policy/policy.ts";
import type { ConnectionEvent } from "../proxy/proxy-handle.ts";
import type { Sandbox } from "../sandbox.ts";
import { NOT_RUN_STATUS } from "./not-run-status.ts";
import { addPortFlags, chosenPorts, type PortFlags, readPorts } from "./port-args.ts";
import { findStartFailure } from "./start-failure.ts";
import { addUpstreamFlags, readUpstream, type UpstreamFlags } from "./upstream-args.ts";
import { warnOfBroadRules } from "./warn-of-broad-rules.ts";

interface RunFlags extends UpstreamFlags, PortFlags {
  readonly allow: readonly string[];
  readonly allowPrivate: readonly string[];
  readonly write: readonly string[];
  readonly readDeny: readonly string[];
  readonly policy?: string;
  readonly defaultAllowlist: boolean;
  readonly readOnly?: true;
  readonly json?: true;
}

const FORWARDED_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const;

/**
 * `koda-sandbox run`: runs one command in the current directory with this terminal, and passes on its exit status
 * (128 + N when signal N ended it). It refuses to run a command that the kernel cannot confine: status 125. 127: there is no such program inside,
 * 126: it cannot be executed.
 *
 * @throws {SandboxError} whatever else kept the command from running: a bad policy, a bad rule, a sandbox that cannot be set up.
 */
export async function runCommand(args: readonly string[]): Promise<number> {
  const command = createCommand();
  try {
    command.parse([...args], { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // commander has said why
    throw error;
  }
  const flags = command.opts<RunFlags>();
  const [program, ...rest] = command.args;
  if (program === undefined) return 2;
  const policy = await readPolicy(flags);
  const { hosts } = policy;
  warnOfBroadRules(await findBroadRules(hosts));
  closeInherited(); // the policy may have come through one
  await using sandbox = await openSandbox({
    policy,
    filter: flags.defaultAllowlist ? devAllowlistFilter().layer(hosts) : createFilter(hosts),
    upstream: readUpstream(flags, process.env),
    ...readPorts(flags),
    terminal: ownTerminal(),
    searchPath: process.env["PATH"] ?? "",
    environment: process.env,
  });
  if (sandbox.enforcement !== "kernel") {
    process.stderr.write(`koda-sandbox: not run, because ${sandbox.enforcementReason}\n`);
    return NOT_RUN_STATUS;
  }
  for (const warning of sandbox.warnings) process.stderr.write(`koda-sandbox: ${warning.message}\n`);
  if (sandbox.warnings.some(({ code }) => code === "port_unavailable")) return NOT_RUN_STATUS; // the command needs what was named
  for (const { hostPort, sandboxPort } of chosenPorts(flags, sandbox)) {
    process.stderr.write(`koda-sandbox: 127.0.0.1:${hostPort} leads to port ${sandboxPort} of the sandbox\n`);
  }
  return await follow(sandbox, {
    argv: [program, ...rest],
    isReadOnly: policy.isReadOnly,
    isJson: flags.json === true,
  });
}

/** Undefined where stdin is none. */
function ownTerminal(): string | undefined {
  if (!process.stdin.isTTY || process.platform !== "linux") return undefined;
  return readlinkSync("/proc/self/fd/0"); // where a terminal is, `/dev/pts/3`
}

/** The user typed both, so flags add to what the file says: more to write, more to deny, more hosts. */
async function readPolicy(flags: RunFlags): Promise<Policy> {
  const file = flags.policy === undefined ? {} : await (await import("./policy-file.ts")).readPolicyFile(flags.policy);
  return createPolicy({
    ...file,
    projectRoot: process.cwd(),
    home: homedir(),
    privateDirs: [escapeWildcards(ownDataDirectory(process.env, homedir()))],
    writePaths: [...(file.writePaths ?? []), ...flags.write],
    readDenyPaths: [...(file.readDenyPaths ?? []), ...flags.readDeny],
    isReadOnly: flags.readOnly === true || file.isReadOnly === true,
    hosts: {
      allow: [...(file.hosts?.allow ?? []), ...flags.allow],
      allowPrivate: [...(file.hosts?.allowPrivate ?? []), ...flags.allowPrivate],
      deny: file.hosts?.deny ?? [],
    },
  });
}

async function follow(
  sandbox: Sandbox,
  run: { readonly argv: readonly [string, ...string[]]; readonly isReadOnly: boolean; readonly isJson: boolean },
): Promise<number> {
  const startedMs = performance.now();
  const connections: ConnectionEvent[] = [];
  sandbox.subscribe((event) => {
    if (run.isJson) connections.push(event);
    else if (event.kind === "refused")
      process.stderr.write(`koda-sandbox: ${event.host}:${event.port} was refused: ${event.reason}\n`);
  });
  const started = sandbox.spawn({ ...run, clientId: "run", stdio: ["inherit", "inherit", "inherit"] });
  const forward = (signal: NodeJS.Signals): void => started.signal(signal);
  for (const signal of FORWARDED_SIGNALS) process.on(signal, forward);
  try {
    const { exitCode, signal } = await started.exited.catch((error: unknown) =>
      explainStart(sandbox, run.argv[0], error),
    );
    const status = exitCode ?? 128 + (constants.signals[signal as NodeJS.Signals] ?? 0); // a name the kernel gave
    const undone = (await started.undone).map((violation) => violation.message);
    if (run.isJson) {
      const durationMs = Math.round(performance.now() - startedMs);
      process.stderr.write(`${JSON.stringify({ exitCode: status, signal, durationMs, connections, undone })}\n`);
    } else for (const message of undone) process.stderr.write(`koda-sandbox: ${message}\n`);
    return status;
  } finally {
    for (const signal of FORWARDED_SIGNALS) process.off(signal, forward);
  }
}

/** @throws `error` when the program is not what is wrong. */
async function explainStart(sandbox: Sandbox, program: string, error: unknown): Promise<ProcessExit> {
  const failure = await findStartFailure(sandbox, program, process.env["PATH"] ?? "");
  if (failure === null) throw error;
  process.stderr.write(`koda-sandbox: ${failure.message}\n`);
  return { exitCode: failure.status, signal: null };
}

function createCommand(): Command {
  const collect = (value: string, earlier: readonly string[]): readonly string[] => [...earlier, value];
  const command = new Command("koda-sandbox run")
    .usage("[options] -- CMD [ARGS]")
    .description("Runs a command that may write only the current directory and reach only allowed hosts.")
    .option("--allow <host>", "a host it may reach besides the default ones; may be repeated", collect, [])
    .option("--allow-private <host>", "the same, at an address that is not public", collect, [])
    .option(
      "--write <path>",
      "a directory it may write besides the current one, or a pattern of such; may be repeated",
      collect,
      [],
    )
    .option(
      "--read-deny <path>",
      "a path it may not read, or a pattern such as '**/.env*'; may be repeated",
      collect,
      [],
    )
    .option("--policy <file>", "a JSON file with paths, hosts and limits, to which the other options add")
    .option("--no-default-allowlist", "only the hosts named with --allow")
    .option("--read-only", "it may not write the current directory either")
    .option("--json", "report exit status, connections and what was undone as one JSON line on stderr at the end")
    .argument("<command...>")
    .passThroughOptions()
    .exitOverride();
  return addPortFlags(addUpstreamFlags(command));
}
