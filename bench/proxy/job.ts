import type { Route, Target } from "./route.ts";

/** One measurement, as the load generator is told of it. */
export interface Job {
  readonly load: Load;
  readonly route: Route;
  readonly target: Target;
  /** Connections at once. */
  readonly clients: number;
  /** Not counted: caches fill, code is compiled, buffers fill. */
  readonly warmUpMs: number;
  readonly windowMs: number;
}

export type Load =
  /** Open a tunnel, send a TLS ClientHello, read one byte of the origin, leave; again. */
  | "tunnels"
  /** Bytes from the origin for the whole window. */
  | "download"
  | "upload"
  /** 64 bytes there and back through an open tunnel; again. */
  | "ping"
  /** GET of 1 KiB in absolute form on a kept connection; again. */
  | "forward"
  /** CONNECT to a host that no rule allows, on a connection of its own; again. */
  | "refusals"
  /** Tunnels that carried one exchange and then wait, until the next job. */
  | "idle";

/** What the load generator writes, one JSON line each, in this order; `failed` may come at any time. */
export type LoadMessage =
  | { readonly kind: "begin" }
  | { readonly kind: "end" }
  | { readonly kind: "result"; readonly result: LoadResult }
  | { readonly kind: "failed"; readonly message: string };

export interface LoadResult {
  /** Of the window as it was, not as it was asked for. */
  readonly seconds: number;
  /** Finished within the window. */
  readonly operations: number;
  readonly bytes: number;
  /** Null where nothing was timed. */
  readonly p50Us: number | null;
  readonly p99Us: number | null;
  /** Operations that failed, hung, or lost data; warm-up and leaving included. */
  readonly errors: number;
  /** What the first of them said. */
  readonly firstError: string | null;
}
