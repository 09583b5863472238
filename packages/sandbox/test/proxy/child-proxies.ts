import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { FilterRules } from "../../src/filter/filter.ts";
import type { ProxyLimits } from "../../src/proxy/limits.ts";
import type { ProxyStats } from "../../src/proxy/proxy-handle.ts";
import type { ProxyPlace } from "./ask-tunnel.ts";

/** What both proxies of a process of their own are opened with. */
export interface ChildProxiesOptions {
  readonly rules: FilterRules;
  readonly limits?: Partial<ProxyLimits>;
  /** A directory: they listen on Unix sockets in it. */
  readonly directory?: string;
  /** How many descriptors the system lets the process have. */
  readonly maxDescriptors?: number;
}

/** What a process uses; for the proxies' own. */
export interface Footprint {
  /** The numbers of open descriptors. */
  readonly descriptors: number;
  readonly rssBytes: number;
  /** What is reachable in and beside the heap. */
  readonly heldBytes: number;
  /** Of the HTTP proxy and the SOCKS5 proxy. */
  readonly stats: readonly ProxyStats[];
}

/** Both proxies in a process of their own, where every name is 127.0.0.1. */
export interface ChildProxies extends AsyncDisposable {
  readonly http: ProxyPlace;
  readonly socks5: ProxyPlace;
  readonly pid: number;
  isAlive(): boolean;
  /** Memory is collected before it is measured. */
  measure(): Promise<Footprint>;
}

export async function openChildProxies(options: ChildProxiesOptions): Promise<ChildProxies> {
  const limit = options.maxDescriptors === undefined ? "" : `ulimit -n ${options.maxDescriptors} && `;
  const child = fork(join(import.meta.dirname, "child-proxies-main.ts"), [JSON.stringify(options)], {
    execPath: "/bin/sh",
    execArgv: ["-c", `${limit}exec "$@"`, "sh", process.execPath, "--expose-gc"],
  });
  const exited = once(child, "exit");
  const [places] = await Promise.race([
    once(child, "message"),
    exited.then(() => Promise.reject(new Error("the proxies did not start"))),
  ]);
  return {
    http: { protocol: "http", ...places.http },
    socks5: { protocol: "socks5", ...places.socks5 },
    pid: child.pid ?? 0,
    isAlive: () => child.exitCode === null && child.signalCode === null,
    async measure() {
      child.send("measure");
      const [footprint] = await once(child, "message");
      return footprint;
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}
