import { isIP } from "node:net";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { classifyAddress } from "../filter/address.ts";
import type { FilterRules } from "../filter/filter.ts";
import { addUpstreamFlags, type UpstreamFlags } from "./upstream-args.ts";

/** What `koda-sandbox proxy` was asked to do. */
export interface ProxyArgs {
  /** Null: this proxy is not wanted. 0: any free port. */
  readonly httpPort: number | null;
  readonly socksPort: number | null;
  readonly listen:
    | { readonly kind: "address"; readonly host: string }
    | { readonly kind: "unix"; readonly path: string };
  readonly rules: FilterRules;
  readonly rulesPath: string | null;
  readonly isDefaultAllowlistUsed: boolean;
  readonly credentials: { readonly username: string; readonly password: string } | null;
  /** `-` is standard output; null keeps no log. */
  readonly logPath: string | null;
  readonly upstream: UpstreamFlags;
}

/** A wrong command line (exit status 2), or one that only asks for help (0). `text` is what to print. */
export type ProxyArgsOutcome =
  | { readonly kind: "args"; readonly args: ProxyArgs }
  | { readonly kind: "exit"; readonly status: 0 | 2; readonly text: string };

/** Parses the arguments behind `koda-sandbox proxy`. Pure. */
export function parseProxyArgs(argv: readonly string[]): ProxyArgsOutcome {
  let text = "";
  const write = (chunk: string): void => {
    text += chunk;
  };
  const command = proxyCommand().configureOutput({ writeOut: write, writeErr: write }).exitOverride();
  try {
    command.parse(argv, { from: "user" });
    return { kind: "args", args: toArgs(command.opts<Flags>(), command) };
  } catch (error) {
    if (error instanceof CommanderError) return { kind: "exit", status: error.exitCode === 0 ? 0 : 2, text };
    throw error;
  }
}

interface Flags extends UpstreamFlags {
  readonly httpPort?: number;
  readonly socksPort?: number;
  readonly listen: string;
  readonly allow: string[];
  readonly allowPrivate: string[];
  readonly deny: string[];
  readonly rules?: string;
  readonly defaultAllowlist: boolean;
  readonly auth?: string;
  readonly log?: string;
}

function proxyCommand(): Command {
  const command = new Command("koda-sandbox proxy")
    .description("Run the filtering HTTP and SOCKS5 proxies by themselves. Without a port flag both take a free port.")
    .option("--http-port <port>", "listen for HTTP; 0 is any free port", parsePort)
    .option("--socks-port <port>", "listen for SOCKS5; 0 is any free port", parsePort)
    .option("--listen <place>", "an IP address, or unix:PATH (SOCKS5 then listens on PATH.socks5)", "127.0.0.1")
    .addOption(collecting("--allow <pattern>", "a host that may be reached"))
    .addOption(collecting("--allow-private <pattern>", "the same, wherever the host lies: loopback, private ranges"))
    .addOption(collecting("--deny <pattern>", "a host that may not, whatever else says it may"))
    .option("--rules <file>", "JSON with allow, allowPrivate and deny; read again on SIGHUP")
    .option("--no-default-allowlist", "start from nothing instead of the hosts that developers' tools need")
    .option(
      "--auth <user:password>",
      "ask every client for these credentials; without, every loopback client is served",
    )
    .option("--log <file>", "append every connection as a JSON line; - is standard output")
    .allowExcessArguments(false)
    .addHelpText("after", helpTail);
  return addUpstreamFlags(command);
}

const helpTail = `
Hosts: host, *.host (one label more), **.host (one or more), an address, or a range such as 10.0.0.0/8, each with :port
or :* (IPv6 in brackets then). Without a port: 80 and 443, for --deny all. A deny wins over everything.

Prints one JSON line when it listens: {"http":{"host","port","url"},"socks5":{"host","port","url"}}; then, with --log -,
one JSON line per event of a connection (open, closed, refused, failed). Everything else goes to stderr.

Upstream proxies are those of HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, unless a flag says otherwise.

Signals: SIGHUP reads the rules file again; connections that are no longer allowed end, and a file that is wrong changes
nothing. SIGTERM or SIGINT: accepts no more and lets connections finish for 5 s; a second one ends them at once.

Exit status: 0 ended by a signal, 1 cannot listen or open the log, bad rules or upstream, 2 a wrong command line.
`;

function toArgs(flags: Flags, command: Command): ProxyArgs {
  const isEitherGiven = flags.httpPort !== undefined || flags.socksPort !== undefined;
  const listen = parseListen(flags.listen);
  if (!listen) command.error("error: --listen takes an IP address or unix:PATH", { exitCode: 2 });
  const credentials = flags.auth === undefined ? null : parseCredentials(flags.auth);
  if (flags.auth !== undefined && !credentials) command.error("error: --auth takes USER:PASSWORD", { exitCode: 2 });
  if (!credentials && listen.kind === "address" && classifyAddress(listen.host) !== "loopback") {
    command.error("error: others could reach that address: --auth is needed with it", { exitCode: 2 });
  }
  return {
    httpPort: flags.httpPort ?? (isEitherGiven ? null : 0),
    socksPort: flags.socksPort ?? (isEitherGiven ? null : 0),
    listen,
    rules: { allow: flags.allow, allowPrivate: flags.allowPrivate, deny: flags.deny },
    rulesPath: flags.rules ?? null,
    isDefaultAllowlistUsed: flags.defaultAllowlist,
    credentials,
    logPath: flags.log ?? null,
    upstream: { proxy: flags.proxy, ...(flags.upstream === undefined ? {} : { upstream: flags.upstream }) },
  };
}

function parseListen(place: string): ProxyArgs["listen"] | null {
  if (place.startsWith("unix:") && place.length > 5) return { kind: "unix", path: place.slice(5) };
  return isIP(place) === 0 ? null : { kind: "address", host: place };
}

function parseCredentials(text: string): ProxyArgs["credentials"] {
  const colon = text.indexOf(":");
  if (colon < 1 || colon === text.length - 1) return null;
  return { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

function parsePort(text: string): number {
  const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : -1;
  if (port < 0 || port > 65_535) throw new InvalidArgumentError("A port is a number from 0 to 65535.");
  return port;
}

function collecting(flags: string, description: string): Option {
  return new Option(`${flags}`, `${description}; may be repeated`)
    .default([], "none")
    .argParser((value: string, previous: readonly string[]) => [...previous, value]);
}
