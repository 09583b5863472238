import { SandboxError } from "../errors.ts";
import { devAllowlistFilter } from "../filter/dev-allowlist.ts";
import { BuiltInProxy } from "../proxy/built-in-proxy.ts";
import { BuiltInSocks5Proxy } from "../proxy/built-in-socks5-proxy.ts";
import { ClientRegistry } from "../proxy/client-registry.ts";
import { OwnListeners } from "../proxy/own-listeners.ts";
import type { ProxyHandle } from "../proxy/proxy-handle.ts";
import type { ProxyOptions } from "../proxy/proxy-options.ts";
import { type ConnectionLogFile, openLogFile } from "./log-file.ts";
import { ProcessSignals } from "./process-signals.ts";
import { type ProxyArgs, parseProxyArgs } from "./proxy-args.ts";
import { type LoadedRules, loadRules } from "./rules-file.ts";
import { readUpstream } from "./upstream-args.ts";
import { warnOfBroadRules } from "./warn-of-broad-rules.ts";

/**
 * `koda-sandbox proxy`: runs the proxies until SIGTERM or SIGINT, then lets open connections finish for 5 s, or until
 * the next such signal. SIGHUP reads the rules file again; a file that is wrong leaves the rules as they were.
 * Gives the exit status: 0 ended as asked, 1 cannot listen or open the log, bad rules or upstream, 2 a wrong command line.
 */
export async function runProxy(argv: readonly string[]): Promise<number> {
  const parsed = parseProxyArgs(argv);
  if (parsed.kind === "exit") {
    (parsed.status === 0 ? process.stdout : process.stderr).write(parsed.text);
    return parsed.status;
  }
  try {
    await serve(parsed.args);
    return 0;
  } catch (error) {
    if (!(error instanceof SandboxError)) throw error;
    tell(error.message);
    return 1;
  }
}

async function serve(args: ProxyArgs): Promise<void> {
  const load = (): Promise<LoadedRules> =>
    loadRules({
      base: args.isDefaultAllowlistUsed ? devAllowlistFilter() : null,
      flags: args.rules,
      rulesPath: args.rulesPath,
    });
  await using stack = new AsyncDisposableStack();
  const { filter, broadRules } = await load();
  const ownListeners = new OwnListeners();
  const common = { filter, ownListeners, upstream: readUpstream(args.upstream, process.env), ...authentication(args) };
  const log = args.logPath === null ? null : stack.use(await openLogFile(args.logPath, tell));
  const proxies: (BuiltInProxy | BuiltInSocks5Proxy)[] = [];
  const announcement: Record<string, { host: string; port: number; url: string }> = {};
  const add = (name: "http" | "socks5", proxy: BuiltInProxy | BuiltInSocks5Proxy): void => {
    proxies.push(stack.use(proxy));
    announcement[name] = toPlace(proxy);
  };
  if (args.httpPort !== null) {
    add("http", await BuiltInProxy.open({ ...common, ...place(args, args.httpPort, "") }));
  }
  if (args.socksPort !== null) {
    add("socks5", await BuiltInSocks5Proxy.open({ ...common, ...place(args, args.socksPort, ".socks5") }));
  }
  const reload = async (): Promise<void> => {
    try {
      const loaded = await load();
      for (const proxy of proxies) proxy.setRules(loaded.filter);
      tell("rules read again");
      warnOfBroadRules(loaded.broadRules);
    } catch (error) {
      tell(`rules unchanged: ${error instanceof Error ? error.message : error}`);
    }
  };
  using signals = new ProcessSignals(reload);
  warnOfBroadRules(broadRules);
  process.stdout.write(`${JSON.stringify(announcement)}\n`);
  // Only now, as this may be the same stream: the announcement is its first line, whoever was served before.
  if (log !== null) for (const proxy of proxies) record(proxy, log);
  await signals.stopped;
  const drained = Promise.all(proxies.map((proxy) => proxy.drain(drainMs)));
  await Promise.race([drained, signals.hurried]); // what is open then, the stack closes
}

const drainMs = 5_000;

function record(proxy: ProxyHandle, log: ConnectionLogFile): void {
  for (const event of proxy.recentEvents()) log.write(event);
  proxy.subscribe((event) => log.write(event));
}

function tell(message: string): void {
  process.stderr.write(`koda-sandbox: ${message}\n`);
}

function authentication({ credentials }: ProxyArgs): Pick<ProxyOptions, "authentication" | "clients"> {
  if (!credentials) return { authentication: "none" };
  const clients = new ClientRegistry();
  clients.add(credentials.username, credentials);
  return { authentication: "required", clients };
}

function place({ listen }: ProxyArgs, port: number, suffix: string): Pick<ProxyOptions, "host" | "port" | "path"> {
  return listen.kind === "address" ? { host: listen.host, port } : { path: `${listen.path}${suffix}` };
}

function toPlace({ host, port, url }: ProxyHandle): { host: string; port: number; url: string } {
  return { host, port, url };
}
