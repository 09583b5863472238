import { type parseFlags, parseNumber, select } from "./usage.ts";

/** What every bench with rows and peers can be asked for. */
export interface CommonOptions<Row, Peer> {
  readonly rows: readonly Row[];
  readonly peers: readonly Peer[];
  readonly rounds: number;
  /** One round, and less of everything: an impression. */
  readonly isQuick: boolean;
  /** Null: no file. */
  readonly jsonFile: string | null;
}

export const COMMON_FLAGS = {
  rows: { type: "string" },
  peers: { type: "string" },
  rounds: { type: "string" },
  quick: { type: "boolean" },
  json: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

/** `values` as `parseFlags` gives them for flags that include {@link COMMON_FLAGS}. @throws {UsageError} */
export function toCommonOptions<Row extends { readonly id: string }, Peer extends { readonly id: string }>(
  values: ReturnType<typeof parseFlags<typeof COMMON_FLAGS>>,
  all: { readonly rows: readonly Row[]; readonly peers: readonly Peer[] },
): CommonOptions<Row, Peer> {
  const isQuick = values.quick === true;
  return {
    rows: select({ flag: "--rows", text: values.rows, all: all.rows, isExact: false }),
    peers: select({ flag: "--peers", text: values.peers, all: all.peers, isExact: true }),
    rounds: parseNumber("--rounds", values.rounds ?? (isQuick ? "1" : "3"), { isWhole: true, most: 100 }),
    isQuick,
    jsonFile: values.json ?? null,
  };
}
