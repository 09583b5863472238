import { SandboxError } from "../errors.ts";
import { toUrl } from "../proxy/to-url.ts";
import type { UpstreamProxy } from "../proxy/upstream/upstream.ts";
import { upstreamFromEnvironment } from "../proxy/upstream/upstream-from-environment.ts";

/** The upstream proxies that an environment names, without credentials. */
export interface UpstreamFinding {
  /** The URL of the one for tunnels; null: they are direct. */
  readonly tunnel: string | null;
  /** The same for plain HTTP requests. */
  readonly forward: string | null;
  /** Why the settings cannot be followed, in one line; then nothing would start. */
  readonly problem: string | null;
}

/** Reads the upstream proxies as `koda` and `koda-sandbox` do. Pure; never throws for a setting. */
export function examineUpstream(environment: Readonly<Record<string, string | undefined>>): UpstreamFinding {
  try {
    const upstream = upstreamFromEnvironment(environment);
    return { tunnel: urlOf(upstream?.tunnel), forward: urlOf(upstream?.forward), problem: null };
  } catch (error) {
    if (error instanceof SandboxError) return { tunnel: null, forward: null, problem: error.message };
    throw error;
  }
}

function urlOf(proxy: UpstreamProxy | null | undefined): string | null {
  return proxy ? toUrl(proxy.scheme, proxy) : null;
}
