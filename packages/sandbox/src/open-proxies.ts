import { SandboxError } from "./errors.ts";
import type { Filter } from "./filter/filter.ts";
import type { NamespaceListener } from "./linux/talk-to-helper.ts";
import { BuiltInProxy } from "./proxy/built-in-proxy.ts";
import { BuiltInSocks5Proxy } from "./proxy/built-in-socks5-proxy.ts";
import type { ClientRegistry } from "./proxy/client-registry.ts";
import type { ResolveHost } from "./proxy/dial.ts";
import type { HostQuestions } from "./proxy/host-questions.ts";
import type { FindClient } from "./proxy/identify-client.ts";
import { OwnListeners } from "./proxy/own-listeners.ts";
import type { FilteringProxyHandle } from "./proxy/proxy-handle.ts";
import type { Upstream } from "./proxy/upstream/upstream.ts";
import type { SandboxWarning } from "./sandbox.ts";

export interface ProxiesOptions {
  readonly filter: Filter;
  readonly clients: ClientRegistry;
  readonly resolveHost?: ResolveHost | undefined;
  readonly upstream?: Upstream | null | undefined;
  /** Shared by both proxies: what is granted through one holds for the other. */
  readonly questions?: HostQuestions | undefined;
  /** Listeners inside the session's namespace; null where there is none and the proxies listen on the host's loopback. */
  readonly listeners: { readonly http: NamespaceListener; readonly socks5: NamespaceListener } | null;
  /** Names clients that show no credentials. */
  readonly findClient: FindClient | undefined;
  readonly httpPort: number;
  readonly socks5Port: number;
  readonly signal?: AbortSignal | undefined;
}

export interface OpenedProxies {
  readonly http: FilteringProxyHandle | null;
  readonly socks5: FilteringProxyHandle | null;
  readonly warnings: readonly SandboxWarning[];
}

/** Opens both proxies. One that cannot listen becomes null and a warning: the session goes on without it. */
export async function openProxies(options: ProxiesOptions): Promise<OpenedProxies> {
  const { filter, clients, resolveHost, upstream, questions, listeners, findClient, signal } = options;
  // Nobody outside the session can reach a listener in its namespace; the host's loopback is open to every user of the machine.
  const authentication = listeners === null ? "required" : "optional";
  const ownListeners = new OwnListeners();
  const policy = { filter, clients, authentication, findClient, questions } as const;
  const shared = { ...policy, resolveHost, upstream, ownListeners, signal } as const;
  const [http, socks5] = await Promise.all([
    attempt("http_proxy_unavailable", "HTTP", () =>
      BuiltInProxy.open({ ...shared, ...place(listeners?.http, options.httpPort) }),
    ),
    attempt("socks5_proxy_unavailable", "SOCKS5", () =>
      BuiltInSocks5Proxy.open({ ...shared, ...place(listeners?.socks5, options.socks5Port) }),
    ),
  ]);
  const warnings = [http, socks5].flatMap((opened) => ("warning" in opened ? [opened.warning] : []));
  return {
    http: "handle" in http ? http.handle : null,
    socks5: "handle" in socks5 ? socks5.handle : null,
    warnings,
  };
}

type Attempt = { readonly handle: FilteringProxyHandle } | { readonly warning: SandboxWarning };

async function attempt(
  code: SandboxWarning["code"],
  name: string,
  openProxy: () => Promise<FilteringProxyHandle>,
): Promise<Attempt> {
  try {
    return { handle: await openProxy() };
  } catch (error) {
    if (!(error instanceof SandboxError)) throw error; // aborted
    return {
      warning: { code, message: `the ${name} proxy could not start (${error.message}); commands run without it` },
    };
  }
}

function place(listener: NamespaceListener | undefined, port: number) {
  if (listener === undefined) return { host: "127.0.0.1", port };
  if (listener.kind === "failed") throw new SandboxError("listen_failed", listener.message);
  return { server: listener.server };
}
