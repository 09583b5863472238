import { type Child, startNode } from "../child.ts";
import { rotate, toReason } from "../rounds.ts";
import type { Outcome, Results } from "../table.ts";
import type { BenchOptions } from "./arguments.ts";
import { LoadGenerator } from "./load-generator.ts";
import { isMeasured, measure } from "./measure.ts";
import type { OpenedPeer, PeerSetting } from "./opened-peer.ts";
import type { OriginPorts } from "./origin.ts";
import type { Peer } from "./peers.ts";
import type { Cell, Row } from "./rows.ts";

export interface RunOptions extends BenchOptions {
  /** For the configurations of peers. */
  readonly directory: string;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/**
 * Starts the origin, the load generator and every peer, each in a process of its own, measures round by round with
 * the peers in turn, and ends them all. A peer that does not start or stops working is in the results with the reason.
 */
export async function runBench(options: RunOptions): Promise<Results<Row, Peer, Cell>> {
  const { rows, peers, rounds, windowMs, host, directory, signal, say } = options;
  await using stack = new AsyncDisposableStack();
  const originChild = stack.use(startNode(new URL("origin.ts", import.meta.url)));
  const generatorChild = stack.use(startNode(new URL("load/main.ts", import.meta.url)));
  const { ports: origin } = (await originChild.firstMessage()) as { ports: OriginPorts }; // what origin.ts sends
  const generator = toGenerator(generatorChild);
  const setting = { origin, host, directory };
  const contestants = await Promise.all(peers.map((peer) => openContestant(peer, setting, stack)));
  const cells = new Map<string, Cell[]>();
  const failures = new Map<string, string>();
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, row] of rows.entries()) {
      say(`round ${round + 1} of ${rounds}, ${row.id}`);
      for (const contestant of rotate(contestants, round + index)) {
        signal.throwIfAborted();
        const { peer, opened } = contestant;
        const key = toKey(row, peer);
        if (!isMeasured(row, peer) || opened === null || failures.has(key)) continue;
        try {
          // Memory is that of a fresh process, not of one that still gives back what other rows used.
          await using fresh = row.load === "idle" ? await peer.open(setting) : null;
          const own = contestant.generator ?? generator;
          const cell = await measure({ row, peer, opened: fresh ?? opened, generator: own, origin, host, windowMs });
          cells.set(key, [...(cells.get(key) ?? []), cell]);
        } catch (error) {
          failures.set(key, toReason(error));
        }
      }
    }
  }
  const outcome = (row: Row, peer: Peer): Outcome<Cell> => {
    if (!isMeasured(row, peer)) return null;
    const reason = contestants.find((each) => each.peer === peer)?.reason ?? failures.get(toKey(row, peer));
    if (reason !== undefined && reason !== null) return { kind: "failed", reason };
    return { kind: "measured", cells: cells.get(toKey(row, peer)) ?? [] };
  };
  return { rows, peers, outcome };
}

interface Contestant {
  readonly peer: Peer;
  /** Null when it could not start. */
  readonly opened: OpenedPeer | null;
  readonly reason: string | null;
  /** Its own load generator, inside its sandbox; null: the one that all share. */
  readonly generator: LoadGenerator | null;
}

/** What is opened belongs to `owner`. */
async function openContestant(peer: Peer, setting: PeerSetting, owner: AsyncDisposableStack): Promise<Contestant> {
  try {
    const opened = owner.use(await peer.open(setting));
    const generator = peer.kind === "inside" && opened.child ? toGenerator(opened.child) : null;
    return { peer, opened, reason: null, generator };
  } catch (error) {
    return { peer, opened: null, reason: toReason(error), generator: null };
  }
}

function toGenerator(child: Child): LoadGenerator {
  const { stdin, stdout } = child.process;
  if (stdin === null || stdout === null) throw new Error("a load generator without pipes");
  return new LoadGenerator({ input: stdin, output: stdout, complaint: () => child.complaint });
}

function toKey(row: Row, peer: Peer): string {
  return `${row.id} ${peer.id}`;
}
