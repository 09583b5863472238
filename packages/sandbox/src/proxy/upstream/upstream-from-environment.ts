import { parseUpstream } from "./parse-upstream.ts";
import type { Upstream } from "./upstream.ts";

/**
 * Reads the upstream proxies from `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` of an environment. Of the
 * two cases the lower one wins, as with curl; an empty variable is one that is not set. Null when no proxy is. Pure.
 *
 * @throws {SandboxError} `bad_upstream` naming the variable.
 */
export function upstreamFromEnvironment(environment: Readonly<Record<string, string | undefined>>): Upstream | null {
  const [http, https, all, no] = (["http_proxy", "https_proxy", "all_proxy", "no_proxy"] as const).map((lower) => {
    const name = environment[lower] ? lower : lower.toUpperCase();
    return { name, value: environment[name] };
  }) as [Variable, Variable, Variable, Variable]; // one for each name
  return parseUpstream(
    { httpProxy: http.value, httpsProxy: https.value, allProxy: all.value, noProxy: no.value },
    { httpProxy: http.name, httpsProxy: https.name, allProxy: all.name, noProxy: no.name },
  );
}

interface Variable {
  readonly name: string;
  readonly value: string | undefined;
}
