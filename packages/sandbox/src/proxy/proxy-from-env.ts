import { parseUpstreamUrl } from "./upstream/parse-upstream-url.ts";
import type { UpstreamProxy } from "./upstream/upstream.ts";

/**
 * The proxy for a tunnel, of those that `proxyEnv` sets: `ALL_PROXY` where it speaks SOCKS5, else `HTTPS_PROXY`, else an
 * `ALL_PROXY` that speaks HTTP. The lower-case name wins, as with curl. Null when none is set. Pure.
 *
 * @throws {SandboxError} `bad_upstream` naming the variable, never a password, when that is no proxy's URL.
 */
export function proxyFromEnv(environment: Readonly<Record<string, string | undefined>>): UpstreamProxy | null {
  const read = (name: string): UpstreamProxy | null => {
    const key = environment[name.toLowerCase()] ? name.toLowerCase() : name;
    const value = environment[key];
    return value ? parseUpstreamUrl(value, key) : null;
  };
  const all = read("ALL_PROXY");
  return all?.scheme === "socks5" ? all : (read("HTTPS_PROXY") ?? all);
}
