import type { CommandInput, InnerCommand } from "./command.ts";
import { type OptionTable, parseOptions } from "./options.ts";
import type { Word } from "./word.ts";

/** A program that runs the command given as its arguments. */
interface Wrapper extends OptionTable {
  /** Operands before the command, as the time of `timeout`. */
  readonly operands?: number | undefined;
  /** It has effects of its own, or adds arguments that are not seen here, so it is never read-only. */
  readonly isPlain?: true | undefined;
  /** Its arguments are one script, as those of `watch`. */
  readonly joins?: true | undefined;
  /** Without a command it does nothing. */
  readonly mayBeAlone?: true | undefined;
}

const wrappers: ReadonlyMap<string, Wrapper> = new Map<string, Wrapper>([
  ["time", { flags: "-p -v", isPlain: true }],
  ["command", { flags: "-p", isPlain: true }],
  ["builtin", { isPlain: true }],
  [
    "timeout",
    { flags: "-v --foreground --preserve-status", valued: "-k -s --kill-after --signal", operands: 1, isPlain: true },
  ],
  ["nice", { valued: "-n --adjustment", takesNumber: true, isPlain: true }],
  ["ionice", { flags: "-t", valued: "-c -n", isPlain: true }],
  ["stdbuf", { valued: "-i -o -e", isPlain: true }],
  ["nohup", {}],
  ["setsid", { flags: "-f -w -c" }],
  ["exec", { flags: "-c -l", valued: "-a", mayBeAlone: true }],
  ["env", { flags: "-i -0 -", valued: "-u", mayBeAlone: true }],
  [
    "xargs",
    {
      flags: "-0 -r -t -x --null --no-run-if-empty --verbose",
      valued: "-n -I -L -P -d -s -E --max-args --max-procs --delimiter",
      mayBeAlone: true,
    },
  ],
  ["flock", { flags: "-n -x -s -o -u", valued: "-w -E", operands: 1 }],
  ["chronic", {}],
  ["ts", { mayBeAlone: true }],
  ["busybox", { mayBeAlone: true }],
  ["toybox", { mayBeAlone: true }],
  ["catchsegv", {}],
  ["strace", { flags: "-f -c -q", valued: "-e -s" }],
  ["ltrace", { flags: "-f" }],
  ["coproc", {}],
  ["watch", { flags: "-d -t -e -g -x", valued: "-n", joins: true }],
  ["parallel", { flags: "-k -0", valued: "-j", joins: true, mayBeAlone: true }],
]);

/** `plain`: as harmless as what it runs. `hidden`: it runs something that cannot be seen here. */
export type Unwrapped =
  | { readonly kind: "plain" | "impure"; readonly inner: readonly InnerCommand[] }
  | { readonly kind: "hidden" };

/** Looks through a program that runs another one. Null when `program` is none. */
export function unwrap(program: string, args: readonly Word[], input: CommandInput): Unwrapped | null {
  const wrapper = wrappers.get(program);
  if (wrapper === undefined) return null;
  const parsed = parseOptions(args, { ...wrapper, stopsAtOperand: true });
  if (parsed === null) return { kind: "hidden" };
  const kind = wrapper.isPlain === true ? "plain" : "impure";
  const operands = parsed.operands.slice(wrapper.operands ?? 0);
  const words = program === "env" ? withoutAssignments(operands) : operands;
  if (words === null || words.length === 0) {
    return wrapper.mayBeAlone === true && words !== null ? { kind: "impure", inner: [] } : { kind: "hidden" };
  }
  if (wrapper.joins === undefined) return { kind, inner: [{ kind: "words", words, input }] };
  const script = joinWords(words);
  return script === null ? { kind: "hidden" } : { kind, inner: [{ kind: "script", script }] };
}

/** The values of `words` with a blank between, as `eval` sees them; null when one is not known. */
export function joinWords(words: readonly Word[]): string | null {
  const values = words.map(({ value }) => value);
  return values.includes(null) ? null : values.join(" ");
}

function withoutAssignments(words: readonly Word[]): readonly Word[] | null {
  const start = words.findIndex(({ text, value }) => !/^\w+=/.test(value ?? text));
  return start === -1 ? [] : words.slice(start);
}
