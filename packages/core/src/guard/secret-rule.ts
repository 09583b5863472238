import { CoreError } from "../errors.ts";

/** A rule of the user's own, as it stands in a configuration. */
export interface SecretRuleConfig {
  /** Shown in the secret's place: one to 64 of `[A-Za-z0-9 _.-]`. */
  readonly name: string;
  /** A regular expression without slashes, matched line by line. With a group named `secret`, only that is blanked. */
  readonly pattern: string;
  /** `secret`: also learnt, so that it is known in any encoding and kept out of calls. `sensitive`: only blanked. */
  readonly level: "secret" | "sensitive";
}

export interface SecretRule {
  readonly name: string;
  readonly expression: RegExp;
  readonly level: "secret" | "sensitive";
}

/** @throws {CoreError} `bad_secret_rule`, whose message names the rule and what is wrong with it. */
export function parseSecretRule(config: SecretRuleConfig): SecretRule {
  const { name, pattern, level } = config;
  if (typeof name !== "string" || !/^[A-Za-z0-9 _.-]{1,64}$/.test(name)) {
    throw badRule(name, "its name must be one to 64 letters, digits, spaces or _.-");
  }
  if (level !== "secret" && level !== "sensitive") throw badRule(name, 'its level must be "secret" or "sensitive"');
  if (typeof pattern !== "string" || pattern === "" || pattern.length > maxPatternLength) {
    throw badRule(name, `its pattern must have 1 to ${maxPatternLength} characters`);
  }
  if (/\\[1-9k]/.test(pattern)) throw badRule(name, "its pattern must not refer back to a group");
  const expression = compile(name, pattern);
  if (expression.test("")) throw badRule(name, "its pattern matches nothing at all, so it would match everywhere");
  expression.lastIndex = 0;
  if (countWays(pattern) > maxWays) {
    throw badRule(
      name,
      "its pattern can be tried in too many ways: use counted repetitions, such as {0,16}, for * and +",
    );
  }
  return { name, expression, level };
}

const maxPatternLength = 512;
/** One repetition without end, and short counted ones. */
const maxWays = 262_144;
const endless = 4096;

function compile(name: string, pattern: string): RegExp {
  try {
    return new RegExp(pattern, "dg");
  } catch (error) {
    throw new CoreError(
      "bad_secret_rule",
      `bad secret rule ${JSON.stringify(name)}: its pattern is no regular expression`,
      { cause: error },
    );
  }
}

/**
 * In how many ways a backtracking matcher can try the pattern from one position, at most: repetitions multiply, choices
 * add, and a repeated group multiplies with itself. A repetition without end can be as long as a line.
 */
function countWays(pattern: string): number {
  let outer: { readonly choices: number; readonly ways: number }[] = [];
  let choices = 0;
  let ways = 1;
  // Escapes and classes are single characters here, and what stands inside of them means nothing.
  const tokens = pattern.match(/\\.|\[(?:\\.|[^\]\\])*\]|\(\?(?:<?[=!]|:|<\w+>)|[\s\S]/g) ?? [];
  for (const [index, token] of tokens.entries()) {
    if (token.startsWith("(")) {
      outer.push({ choices, ways });
      [choices, ways] = [0, 1];
      continue;
    }
    if (token === "|") {
      [choices, ways] = [choices + ways, 1];
      continue;
    }
    const { min, max } = repetition(tokens.slice(index + 1, index + 16).join(""));
    let inner = 1;
    if (token === ")") {
      inner = choices + ways;
      const around = outer.at(-1) ?? { choices: 0, ways: 1 };
      outer = outer.slice(0, -1);
      ({ choices, ways } = around);
    }
    ways *= inner ** max * (max - min + 1);
  }
  return choices + ways;
}

function repetition(rest: string): { readonly min: number; readonly max: number } {
  if (rest.startsWith("*")) return { min: 0, max: endless };
  if (rest.startsWith("+")) return { min: 1, max: endless };
  if (rest.startsWith("?")) return { min: 0, max: 1 };
  const [, min, open, max] = /^\{(\d+)(,?)(\d*)\}/.exec(rest) ?? [];
  if (min === undefined) return { min: 1, max: 1 };
  return { min: Number(min), max: open === "" ? Number(min) : max === "" ? endless : Number(max) };
}

function badRule(name: unknown, problem: string): CoreError {
  return new CoreError("bad_secret_rule", `bad secret rule ${JSON.stringify(name)}: ${problem}`);
}
