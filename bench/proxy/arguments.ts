import { parseFlags, parseNumber, select, UsageError } from "../usage.ts";
import { PEERS, type Peer } from "./peers.ts";
import { ROWS, type Row } from "./rows.ts";

export interface BenchOptions {
  readonly rows: readonly Row[];
  readonly peers: readonly Peer[];
  readonly rounds: number;
  readonly windowMs: number;
  /** How the origin is named to the proxies. */
  readonly host: "127.0.0.1" | "localhost";
  /** Null: no file. */
  readonly jsonFile: string | null;
}

export const HELP = `Usage: pnpm bench:proxy [options]

Drives Koda's proxies and their peers on loopback, in interleaved rounds, and prints one table of medians with ratios.

  --rows LIST     rows or beginnings of their names, by comma. Default: all of
                  ${ROWS.map((row) => row.id).join("\n                  ")}
  --peers LIST    peers, by comma. Default: all of
                  ${PEERS.map((peer) => peer.id).join("\n                  ")}
  --rounds N      rounds of which the median is shown (default 3)
  --seconds N     length of one measurement (default 1)
  --quick         one round of 0.3 s: an impression, no result
  --host NAME     how the origin is named to the proxies: 127.0.0.1 (default) or localhost, which must be resolved
  --json FILE     also write every round's figures there
  --help          show this
`;

/** Null when help was asked for. @throws {UsageError} */
export function parseArguments(args: readonly string[]): BenchOptions | null {
  const values = parseFlags(args, {
    rows: { type: "string" },
    peers: { type: "string" },
    rounds: { type: "string" },
    seconds: { type: "string" },
    quick: { type: "boolean" },
    host: { type: "string" },
    json: { type: "string" },
    help: { type: "boolean", short: "h" },
  });
  if (values.help === true) return null;
  const isQuick = values.quick === true;
  return {
    rows: select({ flag: "--rows", text: values.rows, all: ROWS, isExact: false }),
    peers: select({ flag: "--peers", text: values.peers, all: PEERS, isExact: true }),
    rounds: parseNumber("--rounds", values.rounds ?? (isQuick ? "1" : "3"), { isWhole: true, most: 100 }),
    windowMs:
      parseNumber("--seconds", values.seconds ?? (isQuick ? "0.3" : "1"), { isWhole: false, most: 600 }) * 1_000,
    host: parseHost(values.host ?? "127.0.0.1"),
    jsonFile: values.json ?? null,
  };
}

function parseHost(text: string): "127.0.0.1" | "localhost" {
  if (text === "127.0.0.1" || text === "localhost") return text;
  throw new UsageError(`--host is ${JSON.stringify(text)}; wanted 127.0.0.1 or localhost`);
}
