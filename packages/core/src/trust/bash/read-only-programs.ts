import type { OptionTable } from "./options.ts";

/** A program that only reads when called as its table says. */
export interface ReadOnlyProgram extends OptionTable {
  /**
   * What its operands are: `paths` it reads, a `pattern` and then paths, mere `text`, a `script` of its own language
   * and then paths, or `none`: it takes no operand.
   */
  readonly operands: "paths" | "pattern" | "text" | "script" | "none";
  readonly maxOperands?: number | undefined;
}

const version = (flags: string): ReadOnlyProgram => ({ operands: "none", flags });
const text: ReadOnlyProgram = { operands: "text" };
const paths: ReadOnlyProgram = { operands: "paths" };
const checksum: ReadOnlyProgram = { operands: "paths", flags: "-b -t --tag" };

/**
 * Every program that Koda calls read-only, with the options it may have. Left out on purpose: options that write a file
 * (`sort -o`), run a program (`rg --pre`), read a list of names or patterns from a file (`grep -f`), follow links (`-L`)
 * or never end (`tail -f`); programs that the project itself may replace by one of its own even for `--version` (yarn, pnpm,
 * and what rustup runs); and every program with a language of its own except the few forms in `read-only-scripts.ts`.
 */
export const readOnlyPrograms: ReadonlyMap<string, ReadOnlyProgram> = new Map<string, ReadOnlyProgram>([
  ["cat", { operands: "paths", flags: "-n -b -s -A -E -T -v -e -t --number --show-all", isHarmless: true }],
  ["head", { operands: "paths", flags: "-q -v", valued: "-n -c --lines --bytes", takesNumber: true, isHarmless: true }],
  ["tail", { operands: "paths", flags: "-q -v", valued: "-n -c --lines --bytes", takesNumber: true }],
  ["wc", { operands: "paths", flags: "-l -c -w -m -L --lines --words --bytes --chars" }],
  [
    "ls",
    {
      operands: "paths",
      flags:
        "-a -A -l -h -1 -t -r -R -S -d -F -p -i -s -n -g -o -G -m -x -C -U -X -k --all --almost-all --recursive --reverse " +
        "--human-readable --group-directories-first --full-time --directory --color",
      valued: "--color --sort --time --time-style",
      isHarmless: true,
    },
  ],
  ["tree", { operands: "paths", flags: "-a -d -f -i -s -h -p -D -F --dirsfirst --noreport -C -n", valued: "-L -I -P" }],
  ["pwd", { operands: "none", flags: "-L -P" }],
  ["stat", { operands: "paths", flags: "-t -f --terse", valued: "-c --format --printf" }],
  ["file", { operands: "paths", flags: "-b -i -h --brief --mime --mime-type" }],
  ["du", { operands: "paths", flags: "-s -h -a -c -k -m -b -x --summarize", valued: "-d --max-depth --exclude" }],
  ["df", { operands: "paths", flags: "-h -k -T -i -P" }],
  ["basename", { operands: "text", flags: "-a", valued: "-s" }],
  ["dirname", text],
  ["realpath", { operands: "paths", flags: "-e -m -s -q", valued: "--relative-to --relative-base" }],
  ["readlink", { operands: "paths", flags: "-f -e -m -n" }],
  [
    "grep",
    {
      operands: "pattern",
      flags:
        "-r -n -i -l -L -c -v -w -x -o -h -H -E -F -G -P -q -s -a -I -b -Z -z --recursive --line-number --ignore-case " +
        "--files-with-matches --files-without-match --count --invert-match --word-regexp --only-matching --extended-regexp " +
        "--fixed-strings --perl-regexp --quiet --no-filename --with-filename --text --color",
      valued:
        "-A -B -C -m -e --include --exclude --exclude-dir --color --max-count --context --after-context --before-context --regexp",
      takesNumber: true,
    },
  ],
  [
    "rg",
    {
      operands: "pattern",
      flags:
        "-n -N -i -s -S -l -c -v -w -x -o -F -H -I -U -u -uu -uuu -0 -p --line-number --ignore-case --smart-case --files-with-matches " +
        "--files-without-match --count --count-matches --invert-match --word-regexp --only-matching --fixed-strings --hidden " +
        "--no-ignore --no-heading --heading --multiline --files --json --stats --trim --vimgrep --no-config --column",
      valued:
        "-A -B -C -m -e -g -t -T -d -M -r --glob --iglob --type --type-not --max-count --max-depth --max-columns --context " +
        "--after-context --before-context --regexp --color --sort --sortr --replace",
    },
  ],
  [
    "sort",
    {
      operands: "paths",
      flags:
        "-r -n -u -h -V -f -b -g -M -s -z -d -i -c --reverse --numeric-sort --unique --human-numeric-sort --version-sort --check",
      valued: "-k -t --key --field-separator",
    },
  ],
  [
    "uniq",
    { operands: "paths", maxOperands: 1, flags: "-c -d -u -i -z -D --count --repeated --unique", valued: "-f -s -w" },
  ],
  [
    "cut",
    { operands: "paths", flags: "-s -z --complement", valued: "-d -f -c -b --delimiter --fields --output-delimiter" },
  ],
  ["tr", { operands: "text", flags: "-d -s -c -C -t --delete --squeeze-repeats --complement" }],
  [
    "diff",
    {
      operands: "paths",
      flags: "-u -r -q -N -w -b -i -y -B -a -c -s --brief --recursive --color --stat",
      valued: "-U -x -W --exclude --color",
    },
  ],
  ["cmp", { operands: "paths", flags: "-s -l -b" }],
  ["comm", { operands: "paths", flags: "-1 -2 -3 -12 -13 -23" }],
  ["nl", { operands: "paths", valued: "-b -w -s -n" }],
  ["tac", paths],
  ["rev", paths],
  ["fold", { operands: "paths", flags: "-s -b", valued: "-w" }],
  ["expand", { operands: "paths", flags: "-i", valued: "-t" }],
  ["column", { operands: "paths", flags: "-t", valued: "-s -o -c" }],
  ["paste", { operands: "paths", flags: "-s", valued: "-d" }],
  ["od", { operands: "paths", flags: "-c -x -b -a -v", valued: "-A -t -N -j -w" }],
  ["hexdump", { operands: "paths", flags: "-C -c -x -v", valued: "-n -s" }],
  ["xxd", { operands: "paths", maxOperands: 1, flags: "-p -u -b -i", valued: "-l -s -c -g" }],
  ["strings", { operands: "paths", flags: "-a", valued: "-n" }],
  ["md5sum", checksum],
  ["sha1sum", checksum],
  ["sha256sum", checksum],
  ["sha512sum", checksum],
  ["cksum", paths],
  ["sed", { operands: "script", flags: "-n -E -r -s -u -z --quiet --silent --regexp-extended", valued: "-e" }],
  ["awk", { operands: "script", valued: "-F" }],
  [
    "jq",
    {
      operands: "script",
      flags: "-r -c -e -n -s -S -M -C -j -a -R --raw-output --compact-output --slurp --sort-keys --exit-status --tab",
      valued: "--indent",
    },
  ],
  ["date", { operands: "text", flags: "-u -R -I --utc --rfc-email --iso-8601", valued: "-d --date" }],
  ["seq", { operands: "text", flags: "-w", valued: "-s -f" }],
  ["sleep", text],
  ["whoami", { operands: "none" }],
  ["id", { operands: "text", flags: "-u -g -G -n -r -un -gn" }],
  ["uname", { operands: "none", flags: "-a -s -r -m -n -o -p -v" }],
  ["arch", { operands: "none" }],
  ["nproc", { operands: "none", flags: "--all" }],
  ["hostname", { operands: "none", flags: "-f -s" }],
  ["tty", { operands: "none" }],
  ["which", { operands: "text", flags: "-a" }],
  ["type", { operands: "text", flags: "-a -t -p" }],
  ["true", text],
  ["false", text],
  [":", text],
  ["exit", text],
  ["return", text],
  ["break", text],
  ["continue", text],
  ["wait", { operands: "none" }],
  ["node", version("--version -v")],
  ["npm", version("--version -v")],
  ["bun", version("--version -v")],
  ["deno", version("--version -V")],
  ["python", version("--version -V")],
  ["python3", version("--version -V")],
  ["pip", version("--version -V")],
  ["ruby", version("--version -v")],
  ["gcc", version("--version")],
  ["clang", version("--version")],
  ["make", version("--version -v")],
  ["cmake", version("--version")],
  ["java", version("--version -version")],
]);
