import type { ToolEffect } from "../tools/tool-effect.ts";
import type { NamedPath } from "./bash/command.ts";
import { loadBashParser } from "./bash/parse-bash.ts";
import { roughPieces } from "./bash/rough-pieces.ts";
import { ScriptReport } from "./bash/script-report.ts";
import { walkScript } from "./bash/walk-script.ts";

/** Longer commands are asked about: nobody reads them whole. */
const maxLength = 10_000;
/** From here on a command is not even looked through for rules. */
const maxParsedLength = 20_000;
const maxCommands = 50;

export interface BashClassification {
  /** That of the gravest act. Read-only only when every act is proved to be. */
  readonly effect: ToolEffect;
  /** Every simple command, bare assignment and writing redirection in every branch, substitution and nested script, as typed. */
  readonly commands: readonly string[];
  /** Those that were proved read-only. */
  readonly readOnlyCommands: readonly string[];
  /** Absolute, links not resolved. */
  readonly paths: readonly NamedPath[];
  /** Names the act that decided. */
  readonly reason: string;
}

/**
 * Judges a bash command by its syntax tree, without running anything. What cannot be parsed, or is too long to be read
 * by a person, is destructive. `cwd` is where it starts; `home` stands for `~` (absent: a directory outside every project).
 * The kernel stays the authority: a wrong answer may cost a question, never the perimeter.
 */
export async function classifyBash(
  command: string,
  options: { readonly projectRoot: string; readonly cwd: string; readonly home?: string | undefined },
): Promise<BashClassification> {
  const parse = await loadBashParser();
  const report = new ScriptReport();
  const oddity = oddityOf(command);
  if (oddity !== null) report.add({ text: "", effect: "destructive", reason: oddity });
  if (command.length > maxParsedLength) {
    for (const text of roughPieces(command)) report.add({ text, effect: "destructive", reason: "too long" });
  } else {
    walkScript(command, [options.cwd], { parse, home: options.home ?? "/~", report });
  }
  const findings = report.findings();
  const gravest = report.gravest();
  const isTooMuch = findings.length > maxCommands;
  const texts = (wanted: boolean): readonly string[] =>
    findings.filter(({ effect }) => (effect === "read-only") === wanted).map(({ text }) => text);
  return {
    effect: isTooMuch ? "destructive" : (gravest?.effect ?? "read-only"),
    commands: findings.map(({ text }) => text).filter((text) => text !== ""),
    readOnlyCommands: texts(true).filter((text) => !texts(false).includes(text)),
    paths: report.paths(),
    reason: isTooMuch ? `more than ${maxCommands} commands` : (gravest?.reason ?? "does nothing"),
  };
}

/**
 * Loads the grammar (about 20 ms) while other things open, so that the first command need not wait for it. Optional; never
 * rejects: a grammar that does not load shows at the first command.
 */
export async function preloadBashGrammar(): Promise<void> {
  await loadBashParser().catch(() => undefined);
}

/** What bash and a reader may see differently. */
function oddityOf(command: string): string | null {
  if (command.length > maxLength) return `longer than ${maxLength} characters`;
  return odd.test(command) ? "it has control characters or invisible ones" : null;
}

// Control characters but tab and newline; blanks that are none to bash; zero-width, direction and tag characters.
const odd =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\0-\x08\x0b-\x1f\x7f-\xa0\xad\u061c\u115f\u1160\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\u3164\ufeff\uffa0]|[\u{e0000}-\u{e007f}]/u;
