import { type Command, Option } from "commander";
import { parseUpstream, upstreamVariables } from "../proxy/upstream/parse-upstream.ts";
import type { Upstream } from "../proxy/upstream/upstream.ts";
import { selectUpstreamVariables } from "../proxy/upstream/upstream-from-environment.ts";

/** The flags about upstream proxies, as the parser gives them. */
export interface UpstreamFlags {
  /** False: none, whatever the environment says. Absent: those of the environment. */
  readonly upstream?: string | false;
  /** `--no-proxy LIST`, which the parser takes for the negation of a flag `--proxy`; true: not given. */
  readonly proxy: string | true;
}

export function addUpstreamFlags(command: Command): Command {
  return command
    .option(
      "--upstream <url>",
      "send connections through this proxy: http://, https:// or socks5://[user:pass@]host:port",
    )
    .addOption(new Option("--no-upstream", "connect directly, whatever HTTP_PROXY, HTTPS_PROXY and ALL_PROXY say"))
    .option("--no-proxy <list>", "hosts to connect to directly all the same, instead of those in NO_PROXY");
}

/**
 * The upstream proxies that flags and environment name; the flags win. Null when there are none. Pure.
 *
 * @throws {SandboxError} `bad_upstream` naming the flag or variable.
 */
export function readUpstream(
  flags: UpstreamFlags,
  environment: Readonly<Record<string, string | undefined>>,
): Upstream | null {
  if (flags.upstream === false) return null;
  const { settings, names } = selectUpstreamVariables(environment);
  const proxies = flags.upstream === undefined ? settings : { allProxy: flags.upstream };
  const proxyNames = flags.upstream === undefined ? names : { ...upstreamVariables, allProxy: "--upstream" };
  const noProxy = flags.proxy === true ? settings.noProxy : flags.proxy;
  const noProxyName = flags.proxy === true ? names.noProxy : "--no-proxy";
  return parseUpstream({ ...proxies, noProxy }, { ...proxyNames, noProxy: noProxyName });
}
