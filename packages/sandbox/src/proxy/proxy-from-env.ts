import { parseUpstreamUrl } from "./upstream/parse-upstream-url.ts";
import type { UpstreamProxy } from "./upstream/upstream.ts";

/**
 * The proxy for a tunnel, of those that `proxyEnv` sets: `HTTPS_PROXY`, whose refusals say in words how to allow a host,
 * else `ALL_PROXY`. The lower-case name wins, as with curl. Null when none is set. Pure.
 *
 * @throws {SandboxError} `bad_upstream` naming the variable, never a password, when that is no proxy's URL.
 */
export function proxyFromEnv(environment: Readonly<Record<string, string | undefined>>): UpstreamProxy | null {
  const read = (name: string): UpstreamProxy | null => {
    const key = environment[name.toLowerCase()] ? name.toLowerCase() : name;
    const value = environment[key];
    return value ? parseUpstreamUrl(value, key) : null;
  };
  return read("HTTPS_PROXY") ?? read("ALL_PROXY");
}
