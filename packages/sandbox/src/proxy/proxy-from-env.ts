import { SandboxError } from "../errors.ts";
import type { Credentials } from "./socks5-codec.ts";

/** The proxy that an environment names. */
export interface NamedProxy {
  readonly kind: "socks5" | "http";
  readonly host: string;
  readonly port: number;
  /** Null where the URL has none. */
  readonly credentials: Credentials | null;
}

/**
 * The proxy for a tunnel, of those that `proxyEnv` sets: `ALL_PROXY` where it speaks SOCKS5, else `HTTPS_PROXY`, else an
 * `ALL_PROXY` that speaks HTTP. The lower-case name wins, as with curl. Null when none is set. Pure.
 *
 * @throws {SandboxError} `bad_upstream` naming the variable, never its value, when that is no proxy's URL.
 */
export function proxyFromEnv(environment: Readonly<Record<string, string | undefined>>): NamedProxy | null {
  const read = (name: string): NamedProxy | null => {
    const key = environment[name.toLowerCase()] ? name.toLowerCase() : name;
    const value = environment[key];
    return value ? parseProxyUrl(key, value) : null;
  };
  const all = read("ALL_PROXY");
  return all?.kind === "socks5" ? all : (read("HTTPS_PROXY") ?? all);
}

const kinds: Readonly<Record<string, { readonly kind: NamedProxy["kind"]; readonly port: number }>> = {
  "socks5:": { kind: "socks5", port: 1080 },
  "socks5h:": { kind: "socks5", port: 1080 },
  "http:": { kind: "http", port: 80 },
};

function parseProxyUrl(variable: string, value: string): NamedProxy {
  const url = URL.canParse(value) ? new URL(value) : null;
  const scheme = url === null ? undefined : kinds[url.protocol];
  if (url === null || scheme === undefined || url.hostname === "") {
    throw new SandboxError(
      "bad_upstream",
      `${variable} is not a URL of the form socks5h://HOST:PORT or http://HOST:PORT`,
    );
  }
  const port = url.port === "" ? scheme.port : Number(url.port);
  if (port === 0) throw new SandboxError("bad_upstream", `${variable} names port 0`);
  return {
    kind: scheme.kind,
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port,
    credentials: url.username === "" && url.password === "" ? null : readCredentials(variable, url),
  };
}

function readCredentials(variable: string, url: URL): Credentials {
  try {
    return { username: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
  } catch (error) {
    throw new SandboxError("bad_upstream", `${variable} holds credentials that are not percent-encoded UTF-8`, {
      cause: error,
    });
  }
}
