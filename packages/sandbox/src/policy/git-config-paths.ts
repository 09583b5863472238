import { readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

const MAX_CONFIG_BYTES = 1024 * 1024;

/**
 * Paths that a repository's `config` sends git to for more to run or obey: `core.hooksPath` (relative to the working tree) and `include.path`
 * (relative to the file itself). Absolute; may not exist. Empty when the file cannot be read.
 * The sections are not looked at: a `path` of another one is protected for nothing, which is the safe mistake.
 */
export function findGitConfigPaths(options: {
  readonly configPath: string;
  readonly workingTree: string;
  readonly home: string;
}): string[] {
  const { configPath, workingTree, home } = options;
  return [...readConfig(configPath).matchAll(NAMED_PATH)].flatMap(([, key = "", value = ""]) => {
    const named = value.replace(/^"(.*)"$/, "$1").replace(/^~\//, `${home}/`);
    const base = key.toLowerCase() === "path" ? dirname(configPath) : workingTree;
    return named === "" ? [] : [resolve(base, named)];
  });
}

/** The working tree that a git directory names as its own (`core.worktree`), as a submodule's does; absolute. Null when it names none. */
export function findWorkingTree(gitDirectory: string): string | null {
  const named = WORKING_TREE.exec(readConfig(join(gitDirectory, "config")))?.[1]?.replace(/^"(.*)"$/, "$1");
  return named ? resolve(gitDirectory, named) : null;
}

const WORKING_TREE = /^\s*(?:\[[^\]\n]*\])?\s*worktree\s*=[ \t]*([^\n]*?)\s*$/im;

/** `[core] hooksPath = tools/hooks`; git-config(1): names have no case, a key may follow its section on the same line. */
const NAMED_PATH = /^\s*(?:\[[^\]\n]*\])?\s*(hookspath|path)\s*=[ \t]*([^\n]*?)\s*$/gim;

function readConfig(path: string): string {
  try {
    const stats = statSync(path);
    return stats.isFile() && stats.size <= MAX_CONFIG_BYTES ? readFileSync(path, "utf8") : "";
  } catch {
    return ""; // absent, or not readable for us: git will not obey it either
  }
}
