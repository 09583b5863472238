import { readlinkSync, realpathSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";

const MAX_LINKS = 40; // as the kernel's own limit (path_resolution(7))

/**
 * The path with symbolic links resolved as far as it exists; the rest is appended as it is, with `.` and `..` removed.
 * A dangling link resolves to where it points, because that is where a write through it would land.
 */
export function toRealPath(path: string): string {
  return resolveLinks(resolve(path), 0);
}

/** True for `directory` itself and for everything below it. Both are absolute and normal. */
export function isWithin(directory: string, path: string): boolean {
  return path === directory || directory === "/" || path.startsWith(`${directory}/`);
}

function resolveLinks(path: string, depth: number): string {
  try {
    return realpathSync.native(path);
  } catch {
    // Absent, dangling or not reachable: resolve the parent, which is shorter, and go on from there.
  }
  const parent = dirname(path);
  if (parent === path || depth > MAX_LINKS) return path;
  const here = resolve(resolveLinks(parent, depth + 1), basename(path));
  try {
    return resolveLinks(resolve(dirname(here), readlinkSync(here)), depth + 1);
  } catch {
    return here; // not a link: simply absent
  }
}
