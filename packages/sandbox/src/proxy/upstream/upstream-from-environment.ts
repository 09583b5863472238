import {
  parseUpstream,
  type UpstreamSettingNames,
  type UpstreamSettings,
  upstreamVariables,
} from "./parse-upstream.ts";
import type { Upstream } from "./upstream.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the upstream proxies from `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` of an environment. Of the
 * two cases the lower one wins, as with curl; an empty variable is one that is not set. Null when no proxy is. Pure.
 *
 * @throws {SandboxError} `bad_upstream` naming the variable.
 */
export function upstreamFromEnvironment(environment: Environment): Upstream | null {
  const { settings, names } = selectUpstreamVariables(environment);
  return parseUpstream(settings, names);
}

/** The settings in an environment, and the variable that each comes from. Pure. */
export function selectUpstreamVariables(environment: Environment): {
  readonly settings: UpstreamSettings;
  readonly names: UpstreamSettingNames;
} {
  const select = (upper: string): string => (environment[upper.toLowerCase()] ? upper.toLowerCase() : upper);
  const names: UpstreamSettingNames = {
    httpProxy: select(upstreamVariables.httpProxy),
    httpsProxy: select(upstreamVariables.httpsProxy),
    allProxy: select(upstreamVariables.allProxy),
    noProxy: select(upstreamVariables.noProxy),
  };
  const settings: UpstreamSettings = {
    httpProxy: environment[names.httpProxy],
    httpsProxy: environment[names.httpsProxy],
    allProxy: environment[names.allProxy],
    noProxy: environment[names.noProxy],
  };
  return { settings, names };
}
