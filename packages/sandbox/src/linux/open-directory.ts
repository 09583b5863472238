import { closeSync, constants, mkdirSync, openSync } from "node:fs";

/** A directory held open. `path` names that very directory for as long as it is held, wherever it is moved and whatever takes its name. */
export interface HeldDirectory extends Disposable {
  readonly path: string;
}

const O_PATH = 0o10000000; // open(2); node:fs has no name for it
const FLAGS = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/**
 * Opens an absolute, normal path step by step from `/`, so that no symbolic link is followed, not even one swapped in meanwhile.
 * Throws what open(2) says; `ENOTDIR` for a link.
 */
export function openDirectory(path: string): HeldDirectory {
  return walk(path, () => null);
}

/** The same, and makes what is missing on the way, with mode 0700. */
export function makeDirectory(path: string): HeldDirectory {
  return walk(path, (part) => mkdirSync(part, { mode: 0o700 }));
}

/** The directory `name` in one that is held. Throws as `openDirectory` does. */
export function openWithin(parent: HeldDirectory, name: string): HeldDirectory {
  return hold(openSync(`${parent.path}/${name}`, FLAGS));
}

function hold(descriptor: number): HeldDirectory {
  return { path: `/proc/self/fd/${descriptor}`, [Symbol.dispose]: () => closeSync(descriptor) };
}

function walk(path: string, make: (part: string) => unknown): HeldDirectory {
  let descriptor = openSync("/", FLAGS);
  try {
    for (const name of path.split("/").filter((part) => part !== "")) {
      const next = step(`/proc/self/fd/${descriptor}/${name}`, make);
      closeSync(descriptor);
      descriptor = next;
    }
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
  return hold(descriptor);
}

function step(part: string, make: (part: string) => unknown): number {
  try {
    return openSync(part, FLAGS);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    make(part);
    return openSync(part, FLAGS);
  }
}
