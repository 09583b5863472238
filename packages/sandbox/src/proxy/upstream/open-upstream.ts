import type { Socket } from "node:net";
import type { Target } from "../../filter/target.ts";
import { type DialledConnection, type FailedDial, failedDial } from "../dial-outcome.ts";
import { toBasic } from "./connect-codec.ts";
import { secureProxy } from "./secure-proxy.ts";
import { shakeHands } from "./shake-hands.ts";
import { toFailedDial } from "./to-failed-dial.ts";
import type { DialPurpose, UpstreamProxy } from "./upstream.ts";

/**
 * Makes a connection to an upstream proxy one to the target. Plain requests go to an HTTP proxy as they are, in
 * absolute form: many refuse CONNECT to port 80. Takes over the socket, which is closed on failure and by the signal.
 *
 * @throws {SandboxError} `bad_target` for a target that was not normalised.
 */
export async function openUpstream(options: {
  readonly socket: Socket;
  readonly proxy: UpstreamProxy;
  readonly target: Target;
  readonly purpose: DialPurpose;
  readonly signal: AbortSignal;
}): Promise<({ readonly kind: "connected" } & Omit<DialledConnection, "address">) | FailedDial> {
  const { socket: plain, proxy, target, purpose, signal } = options;
  const close = (): void => void plain.destroy();
  signal.addEventListener("abort", close);
  if (signal.aborted) close();
  try {
    const socket = proxy.scheme === "https" ? await secureProxy(plain, proxy).catch(toTlsFailure) : plain;
    if ("failure" in socket) {
      plain.destroy();
      return socket;
    }
    if (purpose === "forward" && proxy.scheme !== "socks5") {
      const absoluteForm = { authorization: toBasic(proxy.credentials) };
      return { kind: "connected", socket, wire: null, absoluteForm, overhead: { bytesUp: 0, bytesDown: 0 } };
    }
    const failed = await shakeHands(socket, proxy, target);
    if (failed !== null) {
      socket.destroy();
      return toFailedDial(failed, target);
    }
    // What was read and not consumed came behind the answer: it is the host's.
    const overhead = { bytesUp: socket.bytesWritten, bytesDown: socket.bytesRead - socket.readableLength };
    return { kind: "connected", socket, wire: null, absoluteForm: null, overhead };
  } catch (error) {
    plain.destroy();
    throw error;
  } finally {
    signal.removeEventListener("abort", close);
  }
}

/** The code is one of OpenSSL's or the system's constants; the message might quote the certificate. */
function toTlsFailure(error: unknown): FailedDial {
  const code = error instanceof Error && "code" in error ? String(error.code) : "the connection was closed";
  return failedDial("other", `TLS to the upstream proxy failed: ${code}`);
}
