import { COMMON_FLAGS, type CommonOptions, toCommonOptions } from "../arguments.ts";
import { parseFlags, parseNumber, UsageError } from "../usage.ts";
import { PEERS, type Peer } from "./peers.ts";
import { ROWS, type Row } from "./rows.ts";

export interface BenchOptions extends CommonOptions<Row, Peer> {
  readonly windowMs: number;
  /** How the origin is named to the proxies. */
  readonly host: "127.0.0.1" | "localhost";
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
  const values = parseFlags(args, { ...COMMON_FLAGS, seconds: { type: "string" }, host: { type: "string" } });
  if (values.help === true) return null;
  const common = toCommonOptions(values, { rows: ROWS, peers: PEERS });
  const seconds = values.seconds ?? (common.isQuick ? "0.3" : "1");
  return {
    ...common,
    windowMs: parseNumber("--seconds", seconds, { isWhole: false, most: 600 }) * 1_000,
    host: parseHost(values.host ?? "127.0.0.1"),
  };
}

function parseHost(text: string): "127.0.0.1" | "localhost" {
  if (text === "127.0.0.1" || text === "localhost") return text;
  throw new UsageError(`--host is ${JSON.stringify(text)}; wanted 127.0.0.1 or localhost`);
}
