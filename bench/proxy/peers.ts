import { startNode } from "../child.ts";
import type { Column } from "../table.ts";
import type { OpenedPeer, PeerPorts, PeerSetting } from "./opened-peer.ts";
import { startDante, startMicrosocks, startTinyproxy } from "./peers/programs.ts";
import type { Row } from "./rows.ts";

/** A proxy to measure, or the absence of one. */
export interface Peer extends Column {
  /** `limit` is no proxy; `inside` is Koda's proxies with the load generator in the sandbox. */
  readonly kind: "limit" | "koda" | "inside" | "npm" | "program";
  readonly protocols: readonly Row["protocol"][];
  /** Rejects with what to do about it when the peer cannot run here. */
  open(setting: PeerSetting): Promise<OpenedPeer>;
}

const none: PeerPorts = { http: null, socks5: null, username: null, password: null };

export const PEERS: readonly Peer[] = [
  {
    id: "none",
    title: "no proxy",
    kind: "limit",
    protocols: ["connect", "socks5", "forward"],
    open: async () => ({ ports: none, child: null, [Symbol.asyncDispose]: async () => undefined }),
  },
  nodePeer("koda", "Koda", "koda", ["connect", "socks5", "forward"]),
  nodePeer("koda-inside", "Koda, from inside its sandbox", "inside", ["connect", "socks5"]),
  nodePeer("sandbox-runtime", "sandbox-runtime", "npm", ["connect", "socks5", "forward"]),
  nodePeer("proxy-chain", "proxy-chain", "npm", ["connect", "forward"]),
  nodePeer("http-proxy", "http-proxy", "npm", ["forward"]),
  nodePeer("pondwader", "@pondwader/ socks5-server", "npm", ["socks5"]),
  nodePeer("socksv5", "socksv5", "npm", ["socks5"]),
  { id: "tinyproxy", title: "tinyproxy", kind: "program", protocols: ["connect", "forward"], open: startTinyproxy },
  { id: "microsocks", title: "microsocks", kind: "program", protocols: ["socks5"], open: startMicrosocks },
  { id: "dante", title: "dante", kind: "program", protocols: ["socks5"], open: startDante },
];

/** A program of ours in `peers/`, which tells its ports. */
function nodePeer(id: string, title: string, kind: Peer["kind"], protocols: Peer["protocols"]): Peer {
  return {
    id,
    title,
    kind,
    protocols,
    open: async (setting) => {
      await using stack = new AsyncDisposableStack();
      const child = stack.use(startNode(new URL(`peers/${id}.ts`, import.meta.url), [JSON.stringify(setting)]));
      const ports = (await child.firstMessage()) as PeerPorts; // what tellPorts sends
      const owned = stack.move();
      return { ports, child, [Symbol.asyncDispose]: () => owned.disposeAsync() };
    },
  };
}
