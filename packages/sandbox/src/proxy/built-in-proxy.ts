import type { Egress } from "./egress.ts";
import { FilteringProxy } from "./filtering-proxy.ts";
import { HttpService } from "./http-service.ts";
import { createIdentifyClient } from "./identify-client.ts";
import { ProxyLifetime, toLimits } from "./proxy-lifetime.ts";
import type { ProxyOptions } from "./proxy-options.ts";

/** A filtering HTTP proxy: CONNECT tunnels, forwarded requests in absolute form, and upgrades of these. */
export class BuiltInProxy extends FilteringProxy {
  readonly protocol = "http";

  /** @throws {SandboxError} `listen_failed`. Rejects with `signal.reason` when aborted before it listens. */
  static async open(options: ProxyOptions): Promise<BuiltInProxy> {
    const createService = (egress: Egress): HttpService =>
      new HttpService({ egress, identify: createIdentifyClient(options), limits: toLimits(options) });
    return new BuiltInProxy(await ProxyLifetime.open(options, createService));
  }
}
