import { readCpuSeconds, readProcessCost, withDescendants } from "../process-cost.ts";
import type { Job } from "./job.ts";
import type { LoadGenerator } from "./load-generator.ts";
import type { OpenedPeer } from "./opened-peer.ts";
import type { OriginPorts } from "./origin.ts";
import type { Peer } from "./peers.ts";
import type { Route, Target } from "./route.ts";
import type { Cell, Row } from "./rows.ts";

export interface MeasureOptions {
  readonly row: Row;
  readonly peer: Peer;
  readonly opened: OpenedPeer;
  readonly generator: LoadGenerator;
  readonly origin: OriginPorts;
  readonly host: string;
  readonly windowMs: number;
}

/** Runs one row against one peer once. Rejects when it could not be run at all. */
export async function measure(options: MeasureOptions): Promise<Cell> {
  const { row, peer, opened, generator, windowMs } = options;
  const isIdle = row.load === "idle";
  const job: Job = {
    load: row.load,
    route: toRoute(options),
    target: toTarget(options),
    clients: row.clients,
    warmUpMs: isIdle ? 0 : Math.min(500, windowMs / 2),
    windowMs: isIdle ? 0 : windowMs,
  };
  const pid = opened.child?.pid ?? null;
  const grown = { cpuSeconds: 0, memoryBytes: 0, descriptors: 0 };
  const result = await generator.run(job, async (edge) => {
    if (pid === null) return;
    // Node's proxies are one process each; what else they started is the load itself, inside the sandbox.
    const pids = peer.kind === "program" ? withDescendants(pid) : [pid];
    const sign = edge === "begin" ? -1 : 1;
    if (isIdle) {
      await collectGarbage(opened);
      const cost = readProcessCost(pids);
      grown.memoryBytes += sign * cost.memoryBytes;
      grown.descriptors += sign * cost.descriptors;
    } else {
      grown.cpuSeconds += sign * readCpuSeconds(pids);
    }
  });
  return { ...result, ...grown, operations: isIdle ? row.clients : result.operations };
}

/** False when this peer has nothing to do with that row. */
export function isMeasured(row: Row, peer: Peer): boolean {
  if (!peer.protocols.includes(row.protocol)) return false;
  if (peer.kind === "limit") return row.load !== "refusals" && row.load !== "idle";
  if (peer.kind === "inside") return row.load === "tunnels" || row.load === "download" || row.load === "upload";
  return true;
}

function toTarget({ row, origin, host }: MeasureOptions): Target {
  return row.load === "refusals" ? { host: "refused.test", port: 443 } : { host, port: origin[row.port] };
}

function toRoute({ row, peer, opened }: MeasureOptions): Route {
  const { protocol } = row;
  if (peer.kind === "limit") return { kind: "direct" };
  if (peer.kind === "inside" && protocol !== "forward") return { kind: "environment", protocol };
  const { username, password } = opened.ports;
  const port = protocol === "socks5" ? opened.ports.socks5 : opened.ports.http;
  if (port === null) throw new Error(`${peer.id} does not listen for ${protocol}`);
  return { kind: protocol, host: "127.0.0.1", port, username, password };
}

/** Only Node programs have a collector to ask. */
function collectGarbage({ child }: OpenedPeer): Promise<void> {
  if (child?.process.connected !== true) return Promise.resolve();
  return new Promise((resolve) => {
    child.process.once("message", () => resolve());
    child.process.once("exit", () => resolve());
    child.process.send("collect");
  });
}
