import { type ParseArgsOptionsConfig, parseArgs } from "node:util";

/** What the user typed cannot be done; the message says what can. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** As parseArgs; a leading `--`, which some package managers pass on, is dropped. @throws {UsageError} */
export function parseFlags<Flags extends ParseArgsOptionsConfig>(args: readonly string[], options: Flags) {
  try {
    return parseArgs({ args: args.filter((each, index) => !(each === "--" && index === 0)), options }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** The items that `text` names by comma; absent: all. Not exact: the beginning of an id up to a hyphen will do. @throws {UsageError} */
export function select<Item extends { readonly id: string }>(options: {
  readonly flag: string;
  readonly text: string | undefined;
  readonly all: readonly Item[];
  readonly isExact: boolean;
}): Item[] {
  const { flag, text, all, isExact } = options;
  if (text === undefined) return [...all];
  const names = text.split(",").map((name) => name.trim());
  const matches = (item: Item, name: string): boolean =>
    isExact ? item.id === name : item.id === name || item.id.startsWith(`${name}-`);
  const unknown = names.find((name) => !all.some((item) => matches(item, name)));
  if (unknown !== undefined) {
    throw new UsageError(
      `${flag} has no ${JSON.stringify(unknown)}; wanted ${all.map((item) => item.id).join(", ")}` +
        (isExact ? "" : ", or the beginning of one up to a hyphen"),
    );
  }
  return all.filter((item) => names.some((name) => matches(item, name)));
}

/** Above 0. @throws {UsageError} */
export function parseNumber(
  flag: string,
  text: string,
  limits: { readonly isWhole: boolean; readonly most: number },
): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value > 0 && value <= limits.most && (!limits.isWhole || Number.isInteger(value))) return value;
  const wanted = limits.isWhole ? "a whole number" : "a number";
  throw new UsageError(`${flag} is ${JSON.stringify(text)}; wanted ${wanted} above 0 and up to ${limits.most}`);
}
