import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { COMMON_FLAGS, type CommonOptions, toCommonOptions } from "../arguments.ts";
import { parseFlags, UsageError } from "../usage.ts";
import { CODEX_INSTALL } from "./find-codex.ts";
import { PEERS, type Peer } from "./peers.ts";
import { ROWS, type Row } from "./rows.ts";

export interface BenchOptions extends CommonOptions<Row, Peer> {
  /** How many times less often everything is run than a result needs. */
  readonly haste: number;
  /** Where the throw-away projects are made. */
  readonly parent: string;
}

const QUICK_HASTE = 5;
/** Ignored by git, and on the disk that people work on. */
const DEFAULT_PARENT = fileURLToPath(new URL("../../.toolchain", import.meta.url));
/** Sandboxes replace these, or open them to every command. */
const SHARED = ["/tmp", "/var/tmp", "/run", "/dev/shm"];

export const HELP = `Usage: pnpm bench:confine [options]

Runs /bin/true in Koda's sandbox and in its peers, in interleaved rounds, and prints one table of medians with ratios.
Needs bubblewrap and git; sandbox-runtime needs ripgrep and socat, and codex is not installed with Koda, for its size:

  apt-get install bubblewrap git ripgrep socat
  ${CODEX_INSTALL}

  --rows LIST      rows or beginnings of their names, by comma. Default: all of
                   ${ROWS.map((row) => row.id).join("\n                   ")}
  --peers LIST     peers, by comma. Default: all of
                   ${PEERS.map((peer) => peer.id).join("\n                   ")}
  --rounds N       rounds of which the median is shown (default 3)
  --quick          one round with a fifth of the commands: an impression, no result
  --directory DIR  where throw-away projects are made; not below ${SHARED.join(", ")} (default ${DEFAULT_PARENT})
  --json FILE      also write every time measured there
  --help           show this
`;

/** Null when help was asked for. @throws {UsageError} */
export function parseArguments(args: readonly string[]): BenchOptions | null {
  const values = parseFlags(args, { ...COMMON_FLAGS, directory: { type: "string" } });
  if (values.help === true) return null;
  const common = toCommonOptions(values, { rows: ROWS, peers: PEERS });
  return {
    ...common,
    haste: common.isQuick ? QUICK_HASTE : 1,
    parent: parseParent(values.directory ?? DEFAULT_PARENT),
  };
}

function parseParent(text: string): string {
  const parent = resolve(text);
  const shared = SHARED.find((directory) => parent === directory || parent.startsWith(`${directory}/`));
  if (shared === undefined) return parent;
  throw new UsageError(
    `--directory is ${JSON.stringify(text)}, below ${shared}, which sandboxes treat in their own way; name another`,
  );
}
