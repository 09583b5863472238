import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { temporaryDirectory } from "../temporary-directory.ts";

/** An archive of these files, path to content: git writes both formats, wherever it runs. */
export function archive(format: "tar.gz" | "zip", files: Readonly<Record<string, string>>): Buffer {
  using place = temporaryDirectory("koda-archive-");
  const git = (...args: readonly string[]): Buffer => execFileSync("git", args, { cwd: place.path });
  git("init", "--quiet");
  for (const [path, content] of Object.entries(files)) {
    const target = join(place.path, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content);
  }
  git("add", "--force", ".");
  return git("archive", `--format=${format}`, git("write-tree").toString().trim());
}
