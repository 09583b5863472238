import { SandboxError } from "../../errors.ts";
import { parseHost } from "../../filter/target.ts";
import type { UpstreamProxy } from "./upstream.ts";

/**
 * Parses the address of one proxy:
 *
 *     proxy    = [scheme "://"] [userinfo "@"] host [":" port] ["/"]
 *     scheme   = "http" | "https" | "socks5" | "socks5h"     default http; socks5 is read as socks5h
 *     userinfo = user [":" password]                         percent-encoded UTF-8 (RFC 3986 §3.2.1)
 *     port     = 1-65535                                     default 443 for https, 1080 for socks5
 *
 * `http` has no default port: some programs read 80 there, others 1080. Pure; the value is frozen.
 *
 * @throws {SandboxError} `bad_upstream` naming `setting`; the value is shown only where it can hold no password.
 */
export function parseUpstreamUrl(url: string, setting: string): UpstreamProxy {
  const fail = (problem: string, cause?: unknown): never => {
    const found = url.includes("@") ? "" : `: ${JSON.stringify(url.slice(0, 300))}`;
    const wanted = "wanted: http://[user:password@]host:port, or https or socks5 for http";
    throw new SandboxError("bad_upstream", `${setting}: ${problem}${found} (${wanted})`, { cause });
  };
  const [, schemeText = "http", rest = ""] = /^(?:([A-Za-z][A-Za-z0-9+.-]*):\/\/)?(.*)$/s.exec(url) ?? [];
  const scheme = schemes[schemeText.toLowerCase()] ?? fail(`the scheme ${JSON.stringify(schemeText)} is not supported`);
  const at = rest.lastIndexOf("@");
  const userinfo = at < 0 ? null : rest.slice(0, at);
  const authority = rest.slice(at + 1).replace(/\/$/, "");
  if (/[/?#\\]/.test(`${userinfo ?? ""}${authority}`)) fail("a proxy has no path, query or fragment");
  const match = /^(\[[^\]]*\]|[^:[\]]*)(?::([0-9]{1,5}))?$/.exec(authority);
  const [, host = "", portText] = match ?? fail("not a host and port");
  const port = portText === undefined ? (defaultPorts[scheme] ?? fail("the port is missing")) : Number(portText);
  const credentials = userinfo === null ? null : parseUserinfo(userinfo, scheme, fail);
  try {
    return Object.freeze({ scheme, ...parseHost(host, port), credentials });
  } catch (error) {
    if (!(error instanceof SandboxError)) throw error;
    return fail(port === 0 || port > 65_535 ? "not a port from 1 to 65535" : "not a host name or address");
  }
}

type Fail = (problem: string) => never;

function parseUserinfo(userinfo: string, scheme: UpstreamProxy["scheme"], fail: Fail): UpstreamProxy["credentials"] {
  const colon = userinfo.indexOf(":");
  const username = decode(colon < 0 ? userinfo : userinfo.slice(0, colon), fail);
  const password = decode(colon < 0 ? "" : userinfo.slice(colon + 1), fail);
  if (username === "") fail("the user name is empty");
  // RFC 7617 §2: neither holds control characters, and the first colon ends the user name.
  if (/\p{Cc}/u.test(username + password)) fail("the user name or password holds a control character");
  if (scheme === "socks5") {
    const isTooLong = [username, password].some((text) => Buffer.byteLength(text) > 255);
    if (isTooLong || password === "") fail("SOCKS wants a user name and a password of 1 to 255 bytes each");
  } else if (username.includes(":")) {
    fail("a user name for HTTP holds no colon");
  }
  return Object.freeze({ username, password });
}

function decode(text: string, fail: Fail): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return fail("the user name or password is not valid percent-encoding"); // its cause would quote it
  }
}

/** Names are always left to the proxy, so the two SOCKS schemes mean the same here. */
const schemes: Readonly<Record<string, UpstreamProxy["scheme"]>> = Object.assign(Object.create(null), {
  http: "http",
  https: "https",
  socks5: "socks5",
  socks5h: "socks5",
});

const defaultPorts: Readonly<Record<UpstreamProxy["scheme"], number | null>> = { http: null, https: 443, socks5: 1080 };
