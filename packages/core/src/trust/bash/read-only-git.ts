import type { OptionTable } from "./options.ts";

/** A git subcommand that only reads when called as its table says. */
export interface ReadOnlyGit extends OptionTable {
  readonly operands: "any" | "none";
  /** Only read-only when one of these is given. */
  readonly needs?: readonly string[] | undefined;
}

const commonDiff =
  "--stat --shortstat --numstat --name-only --name-status --oneline -p --patch -u --no-patch -s --summary --cached --staged -w -b " +
  "--ignore-all-space --ignore-space-change --no-color --color --no-ext-diff --no-textconv --minimal --histogram --patience -M -C -z --raw --check --exit-code --quiet --no-renames --word-diff";
const commonLog =
  "--graph --all --merges --no-merges --reverse --decorate --no-decorate --abbrev-commit --first-parent --follow --branches --tags --remotes -i --no-walk --left-right --cherry-pick";
const logValues =
  "-n --max-count --since --until --after --before --author --committer --grep --format --pretty --date -S -G -L --skip -U --unified --diff-filter --stat --decorate --abbrev";

/** Subcommands and their options. `git config`, global `-c`, `--exec-path` and everything that writes or runs is left out. */
export const readOnlyGit: ReadonlyMap<string, ReadOnlyGit> = new Map<string, ReadOnlyGit>([
  [
    "status",
    {
      operands: "any",
      flags: "-s -b -u -uno -uall --short --branch --long --porcelain --ignored --show-stash -v -z --untracked-files",
      valued: "--porcelain --untracked-files",
    },
  ],
  ["log", { operands: "any", flags: `${commonDiff} ${commonLog}`, valued: logValues, takesNumber: true }],
  ["show", { operands: "any", flags: `${commonDiff} ${commonLog}`, valued: logValues, takesNumber: true }],
  [
    "diff",
    {
      operands: "any",
      flags: `${commonDiff} --merge-base`,
      valued: "-U --unified --diff-filter -S -G --stat --word-diff --color",
    },
  ],
  ["shortlog", { operands: "any", flags: "-s -n -e --summary --numbered --all", valued: "--since --until" }],
  ["reflog", { operands: "none", flags: "--all --no-abbrev", valued: "-n --max-count", takesNumber: true }],
  [
    "branch",
    {
      operands: "none",
      flags: "-a -r -v -vv --all --remotes --verbose --list --show-current --no-color",
      valued: "--sort --format",
    },
  ],
  ["tag", { operands: "none", flags: "-l --list -n", valued: "--sort --format" }],
  ["remote", { operands: "none", flags: "-v --verbose" }],
  ["stash list", { operands: "none", flags: "--oneline --stat" }],
  ["worktree list", { operands: "none", flags: "--porcelain -v" }],
  [
    "rev-parse",
    {
      operands: "any",
      flags:
        "--short --abbrev-ref --verify --show-toplevel --show-prefix --git-dir --is-inside-work-tree --quiet -q --show-cdup --symbolic-full-name",
      valued: "--short --abbrev-ref",
    },
  ],
  [
    "rev-list",
    {
      operands: "any",
      flags: "--count --all --max-parents --no-merges --first-parent --reverse",
      valued: "-n --max-count --since --until",
      takesNumber: true,
    },
  ],
  [
    "ls-files",
    {
      operands: "any",
      flags:
        "-c -d -m -o -s -u -z --cached --deleted --modified --others --stage --exclude-standard --error-unmatch --full-name",
    },
  ],
  ["ls-tree", { operands: "any", flags: "-r -d -t -l -z --name-only --name-status --full-tree --long" }],
  ["cat-file", { operands: "any", flags: "-t -s -p -e" }],
  ["blame", { operands: "any", flags: "-w -s -e -l -t -f -n -p --porcelain --show-email", valued: "-L" }],
  [
    "describe",
    { operands: "any", flags: "--tags --all --always --long --dirty --exact-match", valued: "--abbrev --match" },
  ],
  ["merge-base", { operands: "any", flags: "--all --is-ancestor --fork-point" }],
  ["name-rev", { operands: "any", flags: "--name-only --tags" }],
  [
    "grep",
    {
      operands: "any",
      flags:
        "-n -i -l -L -c -v -w -o -h -H -E -F -G -P -q -I --cached --line-number --ignore-case --files-with-matches --count --untracked",
      valued: "-A -B -C -e --max-depth",
      takesNumber: true,
    },
  ],
  ["count-objects", { operands: "none", flags: "-v -H" }],
  ["version", { operands: "none" }],
  ["check-ignore", { operands: "any", flags: "-v -q" }],
]);
