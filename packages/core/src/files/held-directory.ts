import { constants } from "node:fs";
import { type FileHandle, open, readlink, realpath } from "node:fs/promises";
import { join } from "node:path";
import { type Refusal, refuse } from "./refusal.ts";

/**
 * A directory held open while something is done in it, so that nobody can lead us elsewhere by swapping a part of its path
 * for a link between the check and the act. On Linux its entries are reached through the descriptor itself;
 * elsewhere the path is checked once more and used.
 */
export class HeldDirectory implements AsyncDisposable {
  readonly kind = "directory";
  readonly #handle: FileHandle;
  readonly #base: string;

  private constructor(handle: FileHandle, base: string) {
    this.#handle = handle;
    this.#base = base;
  }

  /** `path` is absolute, links resolved. A refusal when it now leads elsewhere; a system error when it cannot be opened. */
  static async open(path: string): Promise<HeldDirectory | Refusal> {
    const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
    const throughDescriptor = `/proc/self/fd/${handle.fd}`;
    try {
      const isLinux = process.platform === "linux";
      const actual = isLinux ? await readlink(throughDescriptor) : await realpath(path);
      if (actual === path) return new HeldDirectory(handle, isLinux ? throughDescriptor : path);
    } catch (error) {
      await handle.close();
      throw error;
    }
    await handle.close();
    return refuse(`${path} was replaced by a link or moved while it was being used; nothing was touched`);
  }

  /** Holds the directory `name` in this one. A system error (`ENOTDIR`) when that is a link, however it came there. */
  async descend(name: string): Promise<HeldDirectory> {
    const path = this.entry(name);
    const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
    return new HeldDirectory(handle, process.platform === "linux" ? `/proc/self/fd/${handle.fd}` : path);
  }

  /** The path under which to reach one entry. Valid until disposal. */
  entry(name: string): string {
    return join(this.#base, name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }
}
