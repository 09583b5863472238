import type { Child } from "../child.ts";
import type { OriginPorts } from "./origin.ts";

/** Where a peer listens, and with which credentials; a port of null is a protocol it does not speak. */
export interface PeerPorts {
  readonly http: number | null;
  readonly socks5: number | null;
  readonly username: string | null;
  readonly password: string | null;
}

/** What every peer is started with. */
export interface PeerSetting {
  readonly origin: OriginPorts;
  /** The name or address by which the origin is asked for. */
  readonly host: string;
  /** For configurations; there until the bench ends. */
  readonly directory: string;
}

export interface OpenedPeer extends AsyncDisposable {
  readonly ports: PeerPorts;
  /** Null where there is none, as for no proxy at all. */
  readonly child: Child | null;
}
