import { execFileSync } from "node:child_process";
import { mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Place } from "./job.ts";
import type { Tree } from "./rows.ts";

const LARGE = { parents: 20, directories: 200, filesInEach: 100 };
const HOME_FILES = [".aws/credentials", ".bashrc", ".gitconfig", ".npmrc", ".profile", ".ssh/id_ed25519"];
const PROJECT_FILES = ["README.md", "package.json", "src/index.ts"];

/** A git repository with a handful of files, or with 20,000, and one home for all of one directory. */
export function createPlace(directory: string, tree: Tree): Place {
  const base = realpathSync(directory);
  const [project, home, scratch] = [join(base, tree), join(base, "home"), join(base, "scratch")];
  mkdirSync(scratch, { recursive: true });
  for (const name of HOME_FILES) write(join(home, name));
  for (const name of PROJECT_FILES) write(join(project, name));
  execFileSync("git", ["init", "--quiet", project]);
  if (tree === "large") addFiles(join(project, "src"));
  return { project, home, scratch };
}

function addFiles(directory: string): void {
  for (let index = 0; index < LARGE.directories; index += 1) {
    const parent = join(directory, `part-${index % LARGE.parents}`, `${index}`);
    mkdirSync(parent, { recursive: true });
    for (let file = 0; file < LARGE.filesInEach; file += 1) writeFileSync(join(parent, `${file}.ts`), "");
  }
}

function write(path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, "example\n");
}
