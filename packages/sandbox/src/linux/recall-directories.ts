import { lstatSync } from "node:fs";
import type { DirectoryLook, Recall } from "../policy/find-matches.ts";
import { isLocal } from "./walls.ts";

/**
 * Remembers looks at directories for as long as these cannot have changed: entries that come, go or are replaced change a directory's `st_ctime`, which
 * no program can set. What changed less than a second before it was looked at is looked at again, since file systems count time in steps (inode(7)).
 */
export function recallDirectories(): Recall {
  const looks = new Map<string, { readonly stamp: string; readonly look: DirectoryLook }>();
  return (key, path, look) => {
    const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    if (stats === undefined || !isLocal(path, stats.dev)) return look();
    const stamp = `${stats.dev}:${stats.ino}:${stats.ctimeNs}`;
    const known = looks.get(key);
    if (known?.stamp === stamp) return known.look;
    const seen = look();
    const ageMs = Date.now() - Number(stats.ctimeNs / 1_000_000n);
    if (ageMs > SETTLED_MS) looks.set(key, { stamp, look: seen });
    else looks.delete(key);
    return seen;
  };
}

const SETTLED_MS = 1_000;
