import type { BigIntStats } from "node:fs";

/** Equal for two looks at a file exactly when nothing was written, replaced or renamed in between, to the clock of its file system. */
export function fingerprintOf(stats: BigIntStats): string {
  return `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}`;
}
