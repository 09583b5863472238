import { lstatSync, statfsSync } from "node:fs";

/** A file or directory that a mount can be made over. */
export interface Mountable {
  readonly path: string;
  /** Another one when the path leads to another file; null when that cannot be told. */
  readonly identity: string | null;
}

export interface Maskable extends Mountable {
  readonly kind: "directory" | "file";
}

/** Mounts that hold the walls of a policy. Parents come first. */
export interface Walls {
  /** Directories on the way to a protected path: made mount points, so that they cannot be renamed away from under it. */
  readonly pinned: readonly Mountable[];
  /** Protected files and directories that exist. */
  readonly readOnly: readonly Mountable[];
  /** Secrets that exist. */
  readonly masked: readonly Maskable[];
  /** Denied directories in which something deeper is granted: mounted before what is granted. */
  readonly covered: readonly Mountable[];
}

/**
 * The walls of `survey` that are not among `standing`, which were mounted before in the namespace that a command starts from. A mount stays with
 * its file, and is gone with it (namespaces(7)): a path that leads to another file by now has none.
 */
export function missingWalls(survey: Walls, standing: Walls): Walls {
  const without = <Entry extends Mountable>(entries: readonly Entry[], known: readonly Mountable[]): Entry[] => {
    const identities = new Map(known.map(({ path, identity }) => [path, identity]));
    return entries.filter(({ path, identity }) => identity === null || identities.get(path) !== identity);
  };
  const uncovered = without(survey.covered, standing.covered); // too late to be mounted first: nothing in them is granted
  return {
    covered: [],
    pinned: without(survey.pinned, standing.pinned),
    readOnly: without(survey.readOnly, standing.readOnly),
    masked: [
      ...without(survey.masked, standing.masked),
      ...uncovered.map((directory) => ({ ...directory, kind: "directory" as const })),
    ],
  };
}

/** Walls whose file was exchanged since, so that the mount over the old one hides the new one no longer; not those that are only gone. */
export function exchangedWalls(entries: readonly Mountable[]): readonly Mountable[] {
  const file = (identity: string): string => identity.split(":", 3).join(":"); // without its last change
  return entries.filter(({ path, identity }) => {
    const now = identity === null ? null : toMountable(path).identity;
    return identity !== null && now !== null && file(now) !== file(identity);
  });
}

export interface WallChanges {
  /** Some lead to another file, are new or gone. */
  readonly hasAny: boolean;
  /** Paths of those that are gone. */
  readonly gone: readonly string[];
}

/** What has become of walls since they were surveyed. */
export function compareWalls(before: Walls, now: Walls): WallChanges {
  const entries = ({ covered, pinned, readOnly, masked }: Walls): Mountable[] => [
    ...covered,
    ...pinned,
    ...readOnly,
    ...masked,
  ];
  const [old, current] = [entries(before), entries(now)];
  const describe = (all: readonly Mountable[]): string =>
    JSON.stringify(all.map(({ path, identity }) => `${identity} ${path}`).toSorted());
  const paths = new Set(current.map(({ path }) => path));
  return {
    hasAny: describe(old) !== describe(current),
    gone: old.map(({ path }) => path).filter((path) => !paths.has(path)),
  };
}

/**
 * Of a directory its number and birth, for entries that come and go change all its other times, and it can have no second name. Of a file its last
 * change too: taking a second name, or losing the first, is one. On a file system that is not this kernel's own, mounts can be lost at any time.
 */
export function toMountable(path: string): Mountable {
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (stats === undefined || !isLocal(path, stats.dev)) return { path, identity: null };
  const changed = stats.isDirectory() ? "" : `:${stats.ctimeNs}`;
  return { path, identity: `${stats.dev}:${stats.ino}:${stats.birthtimeNs}${changed}` };
}

const localDevices = new Map<bigint, boolean>();

/** Whether a path lies on a file system of this kernel's own, whose changes all show in its times. `device` is its `st_dev`. */
export function isLocal(path: string, device: bigint): boolean {
  let known = localDevices.get(device);
  if (known === undefined) {
    known = LOCAL_FILE_SYSTEMS.has(statfsSync(path).type);
    localDevices.set(device, known);
  }
  return known;
}

/** linux/magic.h: ext2 to 4, XFS, Btrfs, tmpfs, overlay, F2FS; ZFS's and bcachefs's own. */
const LOCAL_FILE_SYSTEMS: ReadonlySet<number> = new Set([
  0xef53, 0x5846_5342, 0x9123_683e, 0x0102_1994, 0x794c_7630, 0xf2f5_2010, 0x2fc1_2fc1, 0xca45_1a4e,
]);
