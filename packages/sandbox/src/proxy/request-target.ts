import { SandboxError } from "../errors.ts";
import { parseAuthority, parseHost, type Target } from "../filter/target.ts";

/** The target of a request to a proxy: where it goes, and what the host shall read in its request line. */
export interface RequestTarget {
  readonly target: Target;
  /** Path and query byte for byte as the client wrote them; `/` when it wrote none, `*` for OPTIONS without a path. */
  readonly path: string;
  /** The Host field that belongs to the target (RFC 9112 §3.2.2). */
  readonly hostField: string;
}

/**
 * Parses a request target in absolute form with the scheme http (RFC 9112 §3.2.2). Path and query are not touched.
 *
 * @throws {SandboxError} `bad_target` for another form or scheme, user information, a fragment, or bytes no URI has.
 */
export function parseAbsoluteForm(method: string, url: string): RequestTarget {
  const match = /^http:\/\/([^/?#]+)([/?][^#]*)?$/i.exec(url);
  if (!match || !/^[!-~]+$/.test(url)) throw new SandboxError("bad_target", "not an absolute http URL");
  const [, authority = "", rest = ""] = match;
  const target = /:[0-9]+$/.test(authority) ? parseAuthority(authority) : parseHost(authority.replace(/:$/, ""), 80);
  const emptyPath = method === "OPTIONS" && rest === "" ? "*" : "/";
  const path = rest.startsWith("/") ? rest : rest === "" ? emptyPath : `/${rest}`;
  const name = target.host.includes(":") ? `[${target.host}]` : target.host;
  return { target, path, hostField: target.port === 80 ? name : `${name}:${target.port}` };
}
