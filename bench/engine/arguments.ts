import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { COMMON_FLAGS, type CommonOptions, toCommonOptions } from "../arguments.ts";
import { parseFlags, select } from "../usage.ts";
import { LENGTHS } from "./lengths.ts";
import { PEERS, PEERS_INSTALL, type Peer } from "./peers.ts";
import { createRows, ROWS, type Row } from "./rows.ts";

export interface BenchOptions extends CommonOptions<Row, Peer> {
  /** Where the databases are made. */
  readonly parent: string;
}

/** Ignored by git, and on the disk that people work on. */
const DEFAULT_PARENT = fileURLToPath(new URL("../../.toolchain", import.meta.url));

export const HELP = `Usage: pnpm bench:engine [options]

Runs turns on a model that answers at once and a tool that does nothing, in interleaved rounds, and prints one table of
medians with ratios. The peers are not installed with Koda, for their size:

  ${PEERS_INSTALL}

  --rows LIST      rows or beginnings of their names, by comma. Default: all of
                   ${ROWS.map((row) => row.id).join("\n                   ")}
  --peers LIST     peers, by comma. Default: all of
                   ${PEERS.map((peer) => peer.id).join("\n                   ")}
  --lengths LIST   how long sessions are, by comma. Default: all of
                   ${LENGTHS.map((length) => length.id).join("\n                   ")}
  --rounds N       rounds of which the median is shown (default 3)
  --quick          one round with a tenth of the turns, appends and deltas: an impression, no result
  --directory DIR  where the databases are made: a real disk (default ${DEFAULT_PARENT})
  --json FILE      also write every figure measured there
  --help           show this
`;

/** Null when help was asked for. @throws {UsageError} */
export function parseArguments(args: readonly string[]): BenchOptions | null {
  const values = parseFlags(args, { ...COMMON_FLAGS, directory: { type: "string" }, lengths: { type: "string" } });
  if (values.help === true) return null;
  const lengths = select({ flag: "--lengths", text: values.lengths, all: LENGTHS, isExact: true });
  return {
    ...toCommonOptions(values, { rows: createRows(lengths), peers: PEERS }),
    parent: resolve(values.directory ?? DEFAULT_PARENT),
  };
}
