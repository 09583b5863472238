import { parseNoProxy } from "./parse-no-proxy.ts";
import { parseUpstreamUrl } from "./parse-upstream-url.ts";
import type { Upstream } from "./upstream.ts";

/** The settings that programs share, by their usual names. What is absent, empty or blank is not set. */
export interface UpstreamSettings {
  /** `HTTP_PROXY`: for plain `http:` requests. */
  readonly httpProxy?: string | undefined;
  /** `HTTPS_PROXY`: for every tunnel, that is CONNECT and SOCKS, whatever it carries. */
  readonly httpsProxy?: string | undefined;
  /** `ALL_PROXY`: for either, where its own setting is not set. */
  readonly allProxy?: string | undefined;
  /** `NO_PROXY`: what is dialled directly. Not read where no proxy is set. */
  readonly noProxy?: string | undefined;
}

/** What the settings are called in messages; by default their usual names. */
export type UpstreamSettingNames = Readonly<Record<keyof UpstreamSettings, string>>;

/**
 * Reads the settings of upstream proxies. Null when no proxy is set, or none is ever to be used (`NO_PROXY=*`). Pure.
 *
 * @throws {SandboxError} `bad_upstream` naming the setting, for any that cannot be followed: nothing is dialled
 * directly because of a mistake. The message never holds user name or password.
 */
export function parseUpstream(
  settings: UpstreamSettings,
  names: UpstreamSettingNames = upstreamVariables,
): Upstream | null {
  const [http, https, all] = (["httpProxy", "httpsProxy", "allProxy"] as const).map((key) => {
    const value = settings[key]?.trim() ?? "";
    return value === "" ? null : parseUpstreamUrl(value, names[key]);
  });
  const forward = http ?? all ?? null;
  const tunnel = https ?? all ?? null;
  if (forward === null && tunnel === null) return null;
  const isExempt = parseNoProxy(settings.noProxy ?? "", names.noProxy);
  return isExempt === "everything" ? null : Object.freeze({ forward, tunnel, isExempt });
}

export const upstreamVariables: UpstreamSettingNames = Object.freeze({
  httpProxy: "HTTP_PROXY",
  httpsProxy: "HTTPS_PROXY",
  allProxy: "ALL_PROXY",
  noProxy: "NO_PROXY",
});
