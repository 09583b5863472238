import { containFault } from "./contain-fault.ts";
import type { Egress } from "./egress.ts";
import { FilteringProxy } from "./filtering-proxy.ts";
import type { Service } from "./listener.ts";
import { ProxyLifetime, toLimits } from "./proxy-lifetime.ts";
import type { ProxyOptions } from "./proxy-options.ts";
import { serveSocks5 } from "./socks5-session.ts";

/** A filtering SOCKS5 proxy (RFC 1928, RFC 1929): CONNECT to names, IPv4 and IPv6. */
export class BuiltInSocks5Proxy extends FilteringProxy {
  readonly protocol = "socks5";

  /** @throws {SandboxError} `listen_failed`. Rejects with `signal.reason` when aborted before it listens. */
  static async open(options: ProxyOptions): Promise<BuiltInSocks5Proxy> {
    return new BuiltInSocks5Proxy(await ProxyLifetime.open(options, createSocksService));
  }
}

function createSocksService(egress: Egress, options: ProxyOptions): Service {
  const { authentication, clients, findClient } = options;
  const { handshakeTimeoutMs } = toLimits(options);
  return {
    serve: (client) =>
      containFault(
        serveSocks5({ client, egress, authentication, clients, findClient, handshakeTimeoutMs }),
        client.socket,
      ),
    // A client has one request and is in the middle of it.
    stop: () => undefined,
  };
}
