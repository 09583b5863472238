import { connect, type Socket } from "node:net";
import type { KnownRoute, ProxyPlace, Target } from "../route.ts";

/** What becomes of one connection; each but `onData` is called at most once. */
export interface TunnelOwner {
  /** The way to the target is open; `reply` is what the proxy said. */
  readonly onOpen: (socket: Socket, reply: string) => void;
  /** Bytes of the target. Valid during the call only: every connection reads into one buffer. */
  readonly onData: (bytes: Buffer) => void;
  /** The connection is gone, or the proxy refused; nothing is called afterwards. */
  readonly onGone: (why: string) => void;
}

const readBuffer = Buffer.allocUnsafe(256 * 1024);

/**
 * Opens one tunnel with as little work as Node allows: no streams, no copies, and no more of the protocols read than
 * tells yes from no.
 */
export function openTunnel(route: KnownRoute, target: Target, owner: TunnelOwner): Socket {
  let handshake = createHandshake(route, target);
  let isGone = false;
  const gone = (why: string): void => {
    if (isGone) return;
    isGone = true;
    owner.onGone(why);
  };
  const onBytes = (count: number): boolean => {
    if (isGone) return true;
    const bytes = readBuffer.subarray(0, count);
    if (handshake === null) {
      owner.onData(bytes);
      return true;
    }
    const step = handshake.take(bytes.toString("latin1"));
    if (step.kind === "send") {
      socket.write(step.bytes);
    } else if (step.kind === "refused") {
      gone(step.reason);
      socket.destroy();
    } else if (step.kind === "open") {
      handshake = null;
      owner.onOpen(socket, step.reply);
      if (step.rest !== "") owner.onData(Buffer.from(step.rest, "latin1"));
    }
    return true;
  };
  const place = route.kind === "direct" ? target : route;
  const socket = connect({
    host: place.host,
    port: place.port,
    noDelay: true,
    onread: { buffer: readBuffer, callback: onBytes },
  });
  socket.on("connect", () => {
    if (handshake !== null) socket.write(handshake.first);
    else owner.onOpen(socket, "");
  });
  socket.on("error", (error) => gone(error.message));
  socket.on("close", () => gone("closed by the other side"));
  return socket;
}

interface Handshake {
  readonly first: string | Uint8Array;
  take(text: string): Step;
}

type Step =
  | { readonly kind: "more" }
  | { readonly kind: "send"; readonly bytes: Uint8Array }
  | { readonly kind: "open"; readonly reply: string; readonly rest: string }
  | { readonly kind: "refused"; readonly reason: string };

/** Null when the target is spoken to at once: directly, or by requests in absolute form. */
function createHandshake(route: KnownRoute, target: Target): Handshake | null {
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
      return { kind: "open", reply: text.slice(0, end), rest: text.slice(end + 4) };
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
      return { kind: "open", reply: "", rest: text.slice(length) };
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
