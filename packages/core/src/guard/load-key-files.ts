import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";

/** Where keys usually lie, for {@link loadKeyFiles}. */
export function usualKeyFiles(options: { readonly home: string; readonly projectRoot: string }): readonly string[] {
  const inProject = [".env", ".env.local", ".env.development", ".env.production", ".env.test", ".npmrc"];
  const inHome = [
    ".netrc",
    ".npmrc",
    ".pypirc",
    ".git-credentials",
    ".aws/credentials",
    ".config/gh/hosts.yml",
    ".config/glab-cli/config.yml",
    ".config/git/credentials",
    ".cargo/credentials.toml",
    ".docker/config.json",
    ".kube/config",
    ".gem/credentials",
  ];
  return [
    ...inProject.map((name) => join(options.projectRoot, name)),
    ...inHome.map((name) => join(options.home, name)),
  ];
}

/**
 * The texts of those of `paths` that are regular files of at most 256 KiB, for a registry to learn from. What is absent,
 * larger, not to be read or something else is passed over: then there is nothing to learn.
 */
export async function loadKeyFiles(paths: readonly string[]): Promise<readonly string[]> {
  const texts = await Promise.all(paths.map(readKeyFile));
  return texts.filter((text) => text !== null);
}

const maxBytes = 256 * 1024;

async function readKeyFile(path: string): Promise<string | null> {
  try {
    // Without O_NONBLOCK, opening a pipe would wait for a writer.
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = await file.stat();
    if (!stats.isFile() || stats.size > maxBytes) return null;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(maxBytes), 0, maxBytes, 0);
    return buffer.toString("utf8", 0, bytesRead);
  } catch {
    // A file that is not there, or not ours to read, holds no secret that a session could meet in it.
    return null;
  }
}
