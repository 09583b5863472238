import type { NamedPath } from "./command.ts";
import { parseOptions } from "./options.ts";
import { readOnlyFindRoots } from "./read-only-find.ts";
import { readOnlyGit } from "./read-only-git.ts";
import { readOnlyPrograms } from "./read-only-programs.ts";
import { isReadOnlyScript } from "./read-only-scripts.ts";
import type { Word } from "./word.ts";

/** The paths that a command reads, when it is proved that it only reads; null when that is not proved. */
export function proveReadOnly(program: string, args: readonly Word[]): readonly NamedPath[] | null {
  if (program === "git") return proveGit(args) ? [] : null;
  if (program === "find") return toPaths(readOnlyFindRoots(args));
  if (program === "echo" || program === "printf") return provePrinting(program, args);
  if (program === "test" || program === "[") return proveTest(program, args);
  return proveByTable(program, args);
}

function proveByTable(program: string, args: readonly Word[]): readonly NamedPath[] | null {
  const table = readOnlyPrograms.get(program);
  const parsed = table === undefined ? null : parseOptions(args, table);
  if (table === undefined || parsed === null) return null;
  const { operands, given } = parsed;
  // One glob may stand for many files.
  const { maxOperands } = table;
  if (maxOperands !== undefined && (operands.length > maxOperands || operands.some(({ globAt }) => globAt !== -1)))
    return null;
  switch (table.operands) {
    case "none":
      return operands.length === 0 && (args.length > 0 || !isVersionOnly(table.flags)) ? [] : null;
    case "text":
      return program !== "date" || operands.every(({ value }) => value?.startsWith("+") === true) ? [] : null;
    case "paths":
      return toPaths(operands);
    case "pattern": {
      const hasPattern = given.some(({ name }) => ["-e", "--regexp", "--files"].includes(name));
      return toPaths(hasPattern ? operands : operands.slice(1));
    }
    case "script": {
      const written = given.flatMap(({ name, value }) => (program === "sed" && name === "-e" ? [value] : []));
      const scripts = written.length > 0 ? written : [operands[0]?.value ?? null];
      const isSafe = scripts.every((script) => script !== null && isReadOnlyScript(program, script));
      return isSafe ? toPaths(written.length > 0 ? operands : operands.slice(1)) : null;
    }
    default:
      return table.operands satisfies never;
  }
}

/** Without arguments an interpreter reads a program from its input. */
const isVersionOnly = (flags: string | undefined): boolean => flags?.includes("-version") === true;

function proveGit(args: readonly Word[]): boolean {
  const rest = args.filter(({ value }, index) => !(index === 0 && (value === "--no-pager" || value === "-P")));
  const [first, second] = rest.map(({ value }) => value);
  if (rest.length === 1 && first === "--version") return true;
  const name = readOnlyGit.has(`${first} ${second}`) ? `${first} ${second}` : `${first}`;
  const table = readOnlyGit.get(name);
  const parsed = table === undefined ? null : parseOptions(rest.slice(name.split(" ").length), table);
  return parsed !== null && (table?.operands === "any" || parsed.operands.length === 0);
}

/**
 * What they print may hold variables: printing runs nothing. `printf -v` assigns, so no option of it is taken, and so
 * does `%n` in its format, say to PATH.
 */
function provePrinting(program: string, args: readonly Word[]): readonly NamedPath[] | null {
  const isPlain = ({ text, value }: Word): boolean => value !== null || printable.test(text);
  const startsPlain = program === "echo" || isPlainFormat(args[0]);
  return startsPlain && args.every(isPlain) ? [] : null;
}

function isPlainFormat(word: Word | undefined): boolean {
  if (word === undefined || word.value === null || word.globAt !== -1) return false;
  return !/^-|%[^A-Za-z%]*[hjlLqtz]*n/.test(word.value.replaceAll("%%", ""));
}

/** Plain text and variables, quoted or not. */
const printable = /^(?:"(?:[^"\\`$]|\\["\\$]|\$(?:\w+|\{\w+\}|[?#!$]))*"|\$(?:\w+|\{\w+\}|[?#!$])|[\w./:=,%+-])+$/;

/** Only tests of files and strings: arithmetic ones and `-v` evaluate their operands, and may run what is in them. */
function proveTest(program: string, args: readonly Word[]): readonly NamedPath[] | null {
  const isHarmless = ({ value }: Word): boolean =>
    value !== null && (!value.startsWith("-") || harmlessTests.has(value));
  const isClosed = program !== "[" || args.at(-1)?.value === "]";
  return isClosed && args.every(isHarmless) ? [] : null;
}

/** Operators of `test`, `[` and `[[` that only look at files and compare strings. */
export const harmlessTests: ReadonlySet<string> = new Set(
  "-f -d -e -s -r -w -x -z -n -L -h -p -S -b -c -nt -ot -ef -a -o = == != ! ( )".split(" "),
);

/** A glob stands for what is below the directory before it. */
function toPaths(operands: readonly Word[] | null): readonly NamedPath[] | null {
  if (operands === null) return null;
  const paths: NamedPath[] = [];
  for (const { value, globAt } of operands) {
    if (value === null) return null;
    const path = globAt === -1 ? value : value.slice(0, value.lastIndexOf("/", globAt) + 1);
    if (value !== "-" && path !== "") paths.push({ path, access: "read" });
  }
  return paths;
}
