/** One connection through a proxy or an opened port of this session, told when it is refused or has ended. */
export interface ConnectionRecord {
  readonly type: "connection";
  /** Null when the client showed no credentials of a call. */
  readonly callId: string | null;
  /** `host-port`: of a command to this machine. `publish`: from this machine to the sandbox, by the call whose command serves the port. */
  readonly protocol: "http-connect" | "http" | "socks5" | "host-port" | "publish";
  readonly host: string;
  readonly port: number;
  /** The address dialled; null when none was. */
  readonly address: string | null;
  readonly verdict: "allowed" | "refused" | "failed";
  /** The pattern that allowed or denied it; null when no rule covers the host. */
  readonly rule: string | null;
  /** One plain sentence: why it was refused or failed, or how it ended. */
  readonly reason: string;
  readonly bytesUp: number;
  readonly bytesDown: number;
  readonly durationMs: number;
}
