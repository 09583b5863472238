import { CoreError } from "../errors.ts";
import { ruleCost } from "./rule-cost.ts";

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
  // What cannot be counted is no number, and refused too.
  if (!(ruleCost(pattern) <= maxSteps)) {
    throw badRule(
      name,
      "its pattern can be tried in too many ways: begin it with fixed text or \\b, and count its repetitions, such as {0,16}",
    );
  }
  return { name, expression, level };
}

const maxPatternLength = 512;
/** Steps for each character of a text, enough for 64 hexadecimal digits. A megabyte written to be slow then takes tenths of a second. */
const maxSteps = 66;

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

function badRule(name: unknown, problem: string): CoreError {
  return new CoreError("bad_secret_rule", `bad secret rule ${JSON.stringify(name)}: ${problem}`);
}
