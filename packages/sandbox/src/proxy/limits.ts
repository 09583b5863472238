/** Bounds of one proxy. All times are milliseconds. */
export interface ProxyLimits {
  /** From the first byte until a request is whole, a SOCKS handshake done, a ClientHello read. */
  readonly handshakeTimeoutMs: number;
  /** Resolving and connecting together, over all addresses of a name. */
  readonly dialTimeoutMs: number;
  /** A tunnel in which no byte moved either way for so long is closed; 0 is never. SSH (port 22) has no limit. */
  readonly idleTimeoutMs: number;
  /** How long the next request on a kept-alive connection may take to begin. */
  readonly keepAliveTimeoutMs: number;
  /** Clients connected at once; one more is closed at once. */
  readonly maxConnections: number;
  /** Connections to hosts that one client may have open or begun; one more is refused. All without credentials count as one. */
  readonly maxConnectionsPerClient: number;
  /** Request line and header fields together. */
  readonly maxHeaderBytes: number;
}

export const defaultProxyLimits: ProxyLimits = Object.freeze({
  handshakeTimeoutMs: 10_000,
  dialTimeoutMs: 10_000,
  idleTimeoutMs: 600_000,
  keepAliveTimeoutMs: 60_000,
  maxConnections: 4_096,
  maxConnectionsPerClient: 2_048,
  maxHeaderBytes: 8_192,
});
