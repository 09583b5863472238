import type { Socket } from "node:net";
import { connect } from "node:tls";
import { isAddress } from "../../filter/target.ts";
import type { UpstreamProxy } from "./upstream.ts";

/**
 * TLS to an `https` proxy over a connected socket. Its certificate must be valid for the proxy's host and be issued by
 * an authority that this process trusts (the system's of Node, `NODE_EXTRA_CA_CERTS`). Rejects with the TLS error; the
 * socket is then closed.
 */
export function secureProxy(socket: Socket, { host }: UpstreamProxy): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const servername = isAddress(host) ? "" : host; // RFC 6066 §3: no address is sent as a name
    const secure = connect({ socket, host, servername, ALPNProtocols: ["http/1.1"] });
    const onClose = (): void => reject(new Error("the proxy closed the connection during the TLS handshake"));
    secure.once("close", onClose);
    secure.once("secureConnect", () => {
      secure.off("close", onClose);
      resolve(secure);
    });
    // Stays for the life of the socket: its owner learns of a failure from `close`, which always follows.
    secure.on("error", reject);
  });
}
