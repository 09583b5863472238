import type { Word } from "./word.ts";

/** The options of one program that are known to be harmless. Anything else is not understood. */
export interface OptionTable {
  /** Options without a value, exact: `-n --line-number`. */
  readonly flags?: string | undefined;
  /** Options with a value, attached or in the next word: `-A --max-count`. */
  readonly valued?: string | undefined;
  /** `-5` is an option. */
  readonly takesNumber?: true | undefined;
  /** The program has no option that writes or runs anything, so a glob may expand to whatever it likes. */
  readonly isHarmless?: true | undefined;
  /** Options end at the first operand, as for wrappers. */
  readonly stopsAtOperand?: true | undefined;
}

export interface ParsedOptions {
  readonly given: readonly { readonly name: string; readonly value: string | null }[];
  readonly operands: readonly Word[];
}

/**
 * Takes arguments apart by an exact table. Null when one is not in it, has no known value, or could turn into an option:
 * abbreviations, unknown letters in a cluster, `@file`-like tricks and a glob in first place are all not understood.
 */
export function parseOptions(args: readonly Word[], table: OptionTable): ParsedOptions | null {
  const flags = new Set(table.flags?.split(" ") ?? []);
  const valued = new Set(table.valued?.split(" ") ?? []);
  const given: { name: string; value: string | null }[] = [];
  const operands: Word[] = [];
  for (let at = 0; at < args.length; at++) {
    const word = args[at];
    if (word === undefined || word.value === null) return null;
    if (word.value === "--") return { given, operands: [...operands, ...args.slice(at + 1)] };
    if (word.globAt === 0 && table.isHarmless === undefined) return null;
    if (!word.value.startsWith("-") || word.value === "-") {
      if (table.stopsAtOperand === true) return { given, operands: args.slice(at) };
      operands.push(word);
      continue;
    }
    const option = splitOption(word, { flags, valued, takesNumber: table.takesNumber === true });
    if (option === null) return null;
    const next = option.needsValue ? args[++at] : undefined;
    if (option.needsValue && (next === undefined || next.value === null || next.globAt !== -1)) return null;
    given.push({ name: option.name, value: next?.value ?? option.value });
  }
  return { given, operands };
}

interface SplitOption {
  readonly name: string;
  readonly value: string | null;
  readonly needsValue: boolean;
}

function splitOption(
  { value, globAt }: Word,
  known: { readonly flags: ReadonlySet<string>; readonly valued: ReadonlySet<string>; readonly takesNumber: boolean },
): SplitOption | null {
  if (value === null) return null;
  if (globAt !== -1 && !(value.includes("=") && globAt > value.indexOf("="))) return null;
  if (known.flags.has(value)) return { name: value, value: null, needsValue: false };
  if (known.valued.has(value)) return { name: value, value: null, needsValue: true };
  if (known.takesNumber && /^-\d+$/.test(value)) return { name: value, value: null, needsValue: false };
  const equals = value.indexOf("=");
  if (value.startsWith("--") || equals > 0) {
    const name = value.slice(0, equals);
    return equals > 0 && known.valued.has(name) ? { name, value: value.slice(equals + 1), needsValue: false } : null;
  }
  return splitCluster(value, known);
}

/** `-rn`, `-n5`, `-rnA 3`: letters without a value, then at most one with. */
function splitCluster(
  value: string,
  known: { readonly flags: ReadonlySet<string>; readonly valued: ReadonlySet<string> },
): SplitOption | null {
  for (let at = 1; at < value.length; at++) {
    const name = `-${value[at]}`;
    if (known.flags.has(name)) continue;
    if (!known.valued.has(name)) return null;
    const rest = value.slice(at + 1);
    return { name, value: rest === "" ? null : rest, needsValue: rest === "" };
  }
  return { name: value, value: null, needsValue: false };
}
