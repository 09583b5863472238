import type { KnownRoute, ProxyPlace, Target } from "../route.ts";

/** What is said to a proxy until the tunnel is open. */
export interface Handshake {
  readonly first: string | Uint8Array;
  take(text: string): Step;
}

export type Step =
  | { readonly kind: "more" }
  | { readonly kind: "send"; readonly bytes: Uint8Array }
  | { readonly kind: "open"; readonly rest: string }
  | { readonly kind: "refused"; readonly reason: string };

/** RFC 9110 §9.3.6 and RFC 1928, as far as a client needs them. Null when the target is spoken to at once: directly, or by requests in absolute form. */
export function createHandshake(route: KnownRoute, target: Target): Handshake | null {
  switch (route.kind) {
    case "direct":
    case "forward":
      return null;
    case "connect":
      return httpHandshake(route, target);
    case "socks5":
      return socks5Handshake(route, target);
    default:
      return route satisfies never;
  }
}

/** The field with its line end (RFC 7617); empty for a proxy without credentials. */
export function basicCredentials(place: ProxyPlace): string {
  if (place.username === null) return "";
  const encoded = Buffer.from(`${place.username}:${place.password ?? ""}`).toString("base64");
  return `Proxy-Authorization: Basic ${encoded}\r\n`;
}

function httpHandshake(route: ProxyPlace, target: Target): Handshake {
  const authority = `${target.host}:${target.port}`;
  let text = "";
  return {
    first: `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${basicCredentials(route)}\r\n`,
    take: (more) => {
      text += more;
      const end = text.indexOf("\r\n\r\n");
      if (end < 0) return { kind: "more" };
      const status = text.slice(9, 12);
      if (status !== "200") return { kind: "refused", reason: `CONNECT was answered ${status}` };
      return { kind: "open", rest: text.slice(end + 4) };
    },
  };
}

function socks5Handshake(route: ProxyPlace, target: Target): Handshake {
  const { username, password } = route;
  const method = username === null ? 0 : 2;
  let text = "";
  let stage: "method" | "authentication" | "reply" = "method";
  const send = (bytes: Uint8Array, next: typeof stage): Step => {
    stage = next;
    text = "";
    return { kind: "send", bytes };
  };
  return {
    first: Buffer.of(5, 1, method),
    take: (more) => {
      text += more;
      if (text.length < 2) return { kind: "more" };
      const second = text.charCodeAt(1);
      if (stage === "method") {
        if (second !== method) return { kind: "refused", reason: `SOCKS method ${second} instead of ${method}` };
        if (username === null) return send(socks5Request(target), "reply");
        return send(Buffer.concat([Buffer.of(1), counted(username), counted(password ?? "")]), "authentication");
      }
      if (second !== 0) return { kind: "refused", reason: `SOCKS ${stage} ${second}` };
      if (stage === "authentication") return send(socks5Request(target), "reply");
      const length = socks5ReplyLength(text);
      if (length === null || text.length < length) return { kind: "more" };
      return { kind: "open", rest: text.slice(length) };
    },
  };
}

/** An IPv4 literal goes as an address, as clients send it; all else as a name (RFC 1928 §4). */
function socks5Request({ host, port }: Target): Buffer {
  const isIpv4 = /^\d+(\.\d+){3}$/.test(host);
  const address = isIpv4
    ? Buffer.from([1, ...host.split(".").map(Number)])
    : Buffer.concat([Buffer.of(3), counted(host)]);
  return Buffer.concat([Buffer.of(5, 1, 0), address, Buffer.of(port >> 8, port & 255)]);
}

function socks5ReplyLength(text: string): number | null {
  if (text.length < 5) return null;
  const kind = text.charCodeAt(3);
  if (kind === 1) return 10;
  return kind === 4 ? 22 : 7 + text.charCodeAt(4);
}

function counted(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.of(bytes.length), bytes]);
}
