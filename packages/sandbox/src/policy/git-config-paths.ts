import { readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

const MAX_CONFIG_BYTES = 1024 * 1024;

/**
 * Paths that a repository's `config` sends git to for more to run or obey: `core.hooksPath` (relative to the working tree) and `include.path`
 * (relative to the file itself), of included files too. Absolute; may not exist. Empty when the file cannot be read.
 * The sections are not looked at: a `path` of another one is protected for nothing, which is the safe mistake.
 */
export function findGitConfigPaths(options: {
  readonly configPath: string;
  readonly workingTree: string;
  readonly home: string;
}): string[] {
  const { workingTree, home } = options;
  const found = new Set<string>();
  const files = [options.configPath];
  for (let looked = 0; looked < files.length && looked < MAX_FILES; looked += 1) {
    const file = files[looked] ?? "";
    for (const [, key = "", value = ""] of readConfig(file).matchAll(NAMED_PATH)) {
      const named = readValue(value).replace(/^~\//, `${home}/`);
      const isInclude = key.toLowerCase() === "path";
      const path = resolve(isInclude ? dirname(file) : workingTree, named);
      if (named === "" || found.has(path)) continue;
      found.add(path);
      if (isInclude) files.push(path); // which may name more
    }
  }
  return [...found];
}

const MAX_FILES = 64; // git itself stops at a depth of ten

/** Quotes, escapes and comments as git-config(1) has them; lines that go on in the next one are not looked at. */
function readValue(text: string): string {
  let value = "";
  let isQuoted = false;
  for (const [part] of text.matchAll(/\\.|[^\\]/g)) {
    if (part === '"') isQuoted = !isQuoted;
    else if (!isQuoted && (part === "#" || part === ";")) break;
    else value += part.startsWith("\\") ? part.slice(1) : part;
  }
  return value.trim();
}

/** The working tree that a git directory names as its own (`core.worktree`), as a submodule's does; absolute. Null when it names none. */
export function findWorkingTree(gitDirectory: string): string | null {
  const named = WORKING_TREE.exec(readConfig(join(gitDirectory, "config")))?.[1];
  return named ? resolve(gitDirectory, readValue(named)) : null;
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
