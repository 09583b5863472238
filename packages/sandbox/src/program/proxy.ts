import { createWriteStream, type WriteStream } from "node:fs";
import { SandboxError } from "../errors.ts";
import { devAllowlistFilter } from "../filter/dev-allowlist.ts";
import { BuiltInProxy } from "../proxy/built-in-proxy.ts";
import { BuiltInSocks5Proxy } from "../proxy/built-in-socks5-proxy.ts";
import { ClientRegistry } from "../proxy/client-registry.ts";
import type { ConnectionEvent, ProxyHandle } from "../proxy/proxy-handle.ts";
import type { ProxyOptions } from "../proxy/proxy-options.ts";
import { type ProxyArgs, parseProxyArgs } from "./proxy-args.ts";
import { loadFilter } from "./rules-file.ts";
import { readUpstream } from "./upstream-args.ts";

/**
 * `koda-sandbox proxy`: runs the proxies until SIGTERM or SIGINT, then lets open connections finish for 5 s.
 * SIGHUP reads the rules file again; a file that is wrong leaves the rules as they were.
 * Gives the exit status: 0 ended as asked, 1 cannot listen, bad rules or upstream, 2 a wrong command line.
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
    process.stderr.write(`koda-sandbox: ${error.message}\n`);
    return 1;
  }
}

async function serve(args: ProxyArgs): Promise<void> {
  const load = (): ReturnType<typeof loadFilter> =>
    loadFilter({
      base: args.isDefaultAllowlistUsed ? devAllowlistFilter() : null,
      flags: args.rules,
      rulesPath: args.rulesPath,
    });
  await using stack = new AsyncDisposableStack();
  const log = openLog(args.logPath, stack);
  const common = { filter: await load(), upstream: readUpstream(args.upstream, process.env), ...authentication(args) };
  const proxies: (BuiltInProxy | BuiltInSocks5Proxy)[] = [];
  const announcement: Record<string, { host: string; port: number; url: string }> = {};
  const add = (name: "http" | "socks5", proxy: BuiltInProxy | BuiltInSocks5Proxy): void => {
    proxies.push(stack.use(proxy));
    proxy.subscribe(log);
    announcement[name] = toPlace(proxy);
  };
  if (args.httpPort !== null) {
    add("http", await BuiltInProxy.open({ ...common, ...place(args, args.httpPort, "") }));
  }
  if (args.socksPort !== null) {
    add("socks5", await BuiltInSocks5Proxy.open({ ...common, ...place(args, args.socksPort, ".socks5") }));
  }
  const ended = untilEnded(async () => {
    const filter = await load();
    for (const proxy of proxies) proxy.setFilter(filter);
  });
  process.stdout.write(`${JSON.stringify(announcement)}\n`);
  await ended;
  await Promise.all(proxies.map((proxy) => proxy.drain(drainMs)));
}

const drainMs = 5_000;

function authentication({ credentials }: ProxyArgs): Pick<ProxyOptions, "authentication" | "clients"> {
  if (!credentials) return { authentication: "none" };
  const clients = new ClientRegistry();
  clients.add(credentials.username, credentials);
  return { authentication: "required", clients };
}

function place({ listen }: ProxyArgs, port: number, suffix: string): Pick<ProxyOptions, "host" | "port" | "path"> {
  return listen.kind === "address" ? { host: listen.host, port } : { path: `${listen.path}${suffix}` };
}

function openLog(path: string | null, stack: AsyncDisposableStack): (event: ConnectionEvent) => void {
  if (path === null) return () => undefined;
  if (path === "-") return (event) => void process.stdout.write(`${JSON.stringify(event)}\n`);
  const file: WriteStream = createWriteStream(path, { flags: "a", mode: 0o600 });
  file.on("error", (error) => process.stderr.write(`koda-sandbox: the log ${path}: ${error.message}\n`));
  stack.defer(() => new Promise<void>((resolve) => file.end(() => resolve())));
  return (event) => void file.write(`${JSON.stringify(event)}\n`);
}

/** Resolves at the first signal to end. `reload` runs at every SIGHUP; its failure is told and changes nothing. */
function untilEnded(reload: () => Promise<void>): Promise<void> {
  const onReload = (): void => {
    reload().then(
      () => process.stderr.write("koda-sandbox: rules read again\n"),
      (error: unknown) => process.stderr.write(`koda-sandbox: rules unchanged: ${String(error)}\n`),
    );
  };
  process.on("SIGHUP", onReload);
  return new Promise((resolve) => {
    const onEnd = (): void => {
      process.off("SIGHUP", onReload);
      process.off("SIGTERM", onEnd);
      process.off("SIGINT", onEnd);
      resolve();
    };
    process.on("SIGTERM", onEnd);
    process.on("SIGINT", onEnd);
  });
}

function toPlace({ host, port, url }: ProxyHandle): { host: string; port: number; url: string } {
  return { host, port, url };
}
