import { constants } from "node:fs";
import { type FileHandle, link, lstat, open, rename, unlink } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { fingerprintOf } from "./fingerprint.ts";
import { HeldDirectory } from "./held-directory.ts";
import { type Refusal, refuse } from "./refusal.ts";
import { temporaryName } from "./temporary-file.ts";

export interface Written {
  readonly kind: "written";
  readonly fingerprint: string;
}

/**
 * Puts `content` at `path` (absolute, links resolved; the directory exists) whole or not at all: a new file beside it,
 * flushed to disk, then moved over. A crash or a full disk leaves the old content.
 * `replaces` is the fingerprint of the file to be replaced, whose owner and permissions are kept; null means that nothing may be there.
 * The setuid, setgid and sticky bits are not kept: they were granted to the old content.
 * `callKey` names whose write it is: what a kill leaves of it is found by that.
 * A hard link to the old file keeps the old content. System errors are thrown; nothing is left behind but by a kill, and then `removeTemporaries` takes it away.
 */
export async function writeFileAtomically(
  path: string,
  content: Buffer,
  options: { readonly replaces: string | null; readonly callKey: string },
): Promise<Written | Refusal> {
  const directory = await HeldDirectory.open(dirname(path));
  if (directory.kind === "refusal") return directory;
  await using held = directory;
  const target = held.entry(basename(path));
  const temporary = held.entry(temporaryName(options.callKey));
  const old = options.replaces === null ? null : await lstat(target, { bigint: true });
  const handle = await openNew(temporary, old === null ? 0o666 : 0o600);
  try {
    await handle.writeFile(content);
    if (old !== null) await copyOwnership(handle, old);
    await handle.sync();
    const moved =
      old === null ? await moveToFree(temporary, target) : await moveOver(temporary, target, options.replaces);
    if (!moved) return refuse(`${path} was changed by someone else just now; Read it again first`);
    return { kind: "written", fingerprint: fingerprintOf(await handle.stat({ bigint: true })) };
  } finally {
    await handle.close();
    await unlink(temporary).catch(() => undefined); // moved away already when all went well
  }
}

const openNew = (path: string, mode: number): Promise<FileHandle> =>
  open(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW, mode);

async function copyOwnership(
  handle: FileHandle,
  old: { readonly uid: bigint; readonly gid: bigint; readonly mode: bigint },
): Promise<void> {
  const own = await handle.stat({ bigint: true });
  if (own.uid !== old.uid || own.gid !== old.gid) {
    // Only root may give a file away; anyone else then owns the new one, as with any editor that saves like this.
    await handle.chown(Number(old.uid), Number(old.gid)).catch(() => undefined);
  }
  await handle.chmod(Number(old.mode) & 0o777);
}

/** A hard link fails where a rename would overwrite what appeared meanwhile. */
async function moveToFree(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code === "EEXIST") return false;
    if (code !== "EPERM" && code !== "ENOTSUP" && code !== "EOPNOTSUPP" && code !== "EMLINK") throw error;
    await rename(from, to); // a file system without hard links
    return true;
  }
  await unlink(from);
  return true;
}

async function moveOver(from: string, to: string, expected: string | null): Promise<boolean> {
  const current = await lstat(to, { bigint: true });
  if (fingerprintOf(current) !== expected) return false;
  await rename(from, to);
  return true;
}
