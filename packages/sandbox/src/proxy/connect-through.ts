import { connect, type Socket } from "node:net";
import type { Target } from "../filter/target.ts";
import { toAllowCommand, toRemedy } from "./explain.ts";
import { MessageReader } from "./message-reader.ts";
import { explainReply } from "./socks5-client-codec.ts";
import { type HandshakeFailure, shakeHands } from "./upstream/shake-hands.ts";
import type { UpstreamProxy } from "./upstream/upstream.ts";

export type ThroughOutcome =
  /** Half-open on both sides; bytes that came behind the proxy's answer are still in it. */
  | { readonly kind: "open"; readonly socket: Socket }
  /** `reason` is one line without its full stop, printable, with no credentials in it. */
  | { readonly kind: "failed"; readonly reason: string };

/** Opens a tunnel to a host through a proxy, as its client. Never rejects; the time limit is for all steps together. */
export async function connectThrough(options: {
  readonly proxy: UpstreamProxy;
  readonly target: Target;
  readonly timeoutMs: number;
}): Promise<ThroughOutcome> {
  const { proxy, target, timeoutMs } = options;
  const plain = connect({ host: proxy.host, port: proxy.port, allowHalfOpen: true, noDelay: true });
  let problem: string | null = null;
  plain.on("error", (error: NodeJS.ErrnoException) => {
    problem ??= `the proxy cannot be reached (${error.code ?? "unknown error"})`;
  });
  const timer = setTimeout(() => {
    problem ??= `the proxy gave no answer within ${timeoutMs / 1000} s`;
    plain.destroy();
  }, timeoutMs);
  const fail = (reason: string): ThroughOutcome => {
    plain.destroy();
    return { kind: "failed", reason: problem ?? reason };
  };
  try {
    const socket = proxy.scheme === "https" ? await secure(plain, proxy) : plain;
    const failure = await shakeHands(socket, proxy, target);
    if (failure === null) return { kind: "open", socket };
    const said = failure.kind === "http-answer" ? await readText(socket, failure.bodyBytes) : "";
    return fail(explain(failure, { proxy, target, said }));
  } catch (error) {
    return fail(`TLS to the proxy failed (${error instanceof Error && "code" in error ? error.code : "closed"})`);
  } finally {
    clearTimeout(timer);
  }
}

/** Loaded where it is needed: a program that ssh starts for every connection has no time to lose. */
async function secure(socket: Socket, proxy: UpstreamProxy): Promise<Socket> {
  return (await import("./upstream/secure-proxy.ts")).secureProxy(socket, proxy);
}

function explain(
  failure: HandshakeFailure,
  about: { readonly proxy: UpstreamProxy; readonly target: Target; readonly said: string },
): string {
  switch (failure.kind) {
    case "http-answer":
      return `the proxy answered ${failure.status}${about.said && `: ${about.said}`}`;
    case "socks-reply":
      if (failure.reply !== notAllowed) return `the proxy answered: ${explainReply(failure.reply)}`;
      return `the proxy's rules refuse it. To allow it: ${toAllowCommand(toRemedy(about.target, { isPrivate: false }))}`;
    case "no-method":
      if (about.proxy.credentials === null) return "the proxy wants credentials, and its URL names none";
      return "the proxy takes no user name and password";
    case "bad-credentials":
      return "the proxy refused these credentials";
    case "bad-host":
      return "the name is none that SOCKS5 can carry";
    case "no-answer":
      return "the proxy ended the connection without an answer to it";
    default:
      return failure satisfies never;
  }
}

const notAllowed = 2; // RFC 1928 §6

/** The body of a refusal as one line, every character that could act on a terminal as `?`; empty when it is long. */
async function readText(socket: Socket, bytes: number): Promise<string> {
  if (bytes === 0 || bytes > maxTextBytes) return "";
  const body = await new MessageReader(socket).read<string>((read) =>
    read.length < bytes
      ? { kind: "incomplete" }
      : { kind: "message", message: Buffer.from(read.subarray(0, bytes)).toString("latin1"), size: bytes },
  );
  return (body ?? "")
    .trim()
    .replace(/\s+/g, " ")
    .replace(/[^ -~]/g, "?");
}

const maxTextBytes = 4_096; // many times what one of our own refusals has
