import { encodedForms } from "./encoded-forms.ts";
import { isSecretName, isSecretValue, minSecretLength } from "./looks-secret.ts";
import { readAssignments } from "./read-assignments.ts";
import type { SecretPattern } from "./secret-pattern.ts";
import { secretPatterns } from "./secret-patterns.ts";
import type { SecretRule } from "./secret-rule.ts";
import { SecretScanner } from "./secret-scanner.ts";

/** Longer values are known by their parts of this length, so that no form of one is longer than 4 KB. */
const maxPartLength = 1024;

/**
 * The secrets that a session knows: values by name, shapes of keys, and the user's own rules. In memory only: nothing
 * of it is ever written, and it has no JSON.
 */
export class SecretRegistry {
  readonly #patterns: readonly SecretPattern[];
  readonly #rules: readonly SecretRule[];
  readonly #names = new Map<string, string>();
  readonly #literals = new Map<string, string>();
  /** Hexadecimal forms, which programs write in either case, and people in both. */
  readonly #hexLiterals = new Map<string, string>();
  #everything: SecretScanner | null = null;
  #values: SecretScanner | null = null;
  #shapes: SecretScanner | null = null;

  constructor(options?: {
    /** {@link secretPatterns} when absent. */
    readonly patterns?: readonly SecretPattern[] | undefined;
    readonly rules?: readonly SecretRule[] | undefined;
  }) {
    this.#patterns = options?.patterns ?? secretPatterns;
    this.#rules = options?.rules ?? [];
  }

  /** How many values are known. */
  get size(): number {
    return this.#names.size;
  }

  /** False when the value is known already, or shorter than 8 characters. Whether it is one is the caller's judgement. */
  add(secret: { readonly name: string; readonly value: string }): boolean {
    const value = secret.value.trim();
    if (value.length < minSecretLength || this.#names.has(value)) return false;
    const name = toMarkerName(secret.name);
    this.#names.set(value, name);
    for (const part of toParts(value)) {
      for (const form of encodedForms(part)) if (!this.#literals.has(form)) this.#literals.set(form, name);
      const hex = Buffer.from(part, "utf8").toString("hex");
      if (!this.#hexLiterals.has(hex)) this.#hexLiterals.set(hex, name);
    }
    this.#everything = null;
    this.#values = null;
    return true;
  }

  /** Learns the values of variables that are called like secrets and look like ones, and passwords in addresses. */
  learnEnvironment(environment: Readonly<Record<string, string | undefined>>): number {
    const { USER, LOGNAME, USERNAME, HOSTNAME, HOME } = environment;
    const known = new Set([USER, LOGNAME, USERNAME, HOSTNAME, HOME]);
    return this.#learnAssignments(
      Object.entries(environment).flatMap(([name, value]) =>
        value === undefined || known.has(value) ? [] : [{ name, value }],
      ),
    );
  }

  /** Learns what a key file holds: `.env`, `.netrc`, `.npmrc`, `credentials`, YAML and the like. */
  learnKeyFile(text: string): number {
    return this.#learnAssignments(readAssignments(text)) + this.learnText(text);
  }

  /** Learns what has the shape of a key in a text, and what the user's own rules of level `secret` match. */
  learnText(text: string): number {
    this.#shapes ??= new SecretScanner({
      literals: new Map(),
      patterns: this.#patterns,
      rules: this.#rules.filter(({ level }) => level === "secret"),
    });
    const { matches } = this.#shapes.scan(text, { from: 0, isFinal: true });
    const learnt = matches.map(({ name, start, end }) => this.add({ name, value: text.slice(start, end) }));
    return learnt.filter(Boolean).length;
  }

  /** Finds values, shapes and what rules match. The same one until something is learnt. */
  scanner(): SecretScanner {
    this.#everything ??= new SecretScanner({
      literals: this.#literals,
      literalsInAnyCase: this.#hexLiterals,
      patterns: this.#patterns,
      rules: this.#rules,
    });
    return this.#everything;
  }

  /** Finds known values only. */
  valueScanner(): SecretScanner {
    this.#values ??= new SecretScanner({
      literals: this.#literals,
      literalsInAnyCase: this.#hexLiterals,
      patterns: [],
      rules: [],
    });
    return this.#values;
  }

  /** Forgets every value. Shapes and rules hold no secret, and stay. */
  clear(): void {
    this.#names.clear();
    this.#literals.clear();
    this.#hexLiterals.clear();
    this.#everything = null;
    this.#values = null;
  }

  toJSON(): object {
    return {};
  }

  #learnAssignments(assignments: readonly { readonly name: string; readonly value: string }[]): number {
    let learnt = 0;
    for (const { name, value } of assignments) {
      if (isSecretName(name) && isSecretValue(value)) learnt += Number(this.add({ name, value }));
      for (const password of passwordsIn(value)) learnt += Number(this.add({ name, value: password }));
    }
    return learnt;
  }
}

/** Passwords of addresses such as `postgres://user:password@host`, as they stand there and decoded. */
function passwordsIn(value: string): readonly string[] {
  const password = /^[a-z][a-z0-9+.-]{1,30}:\/\/[^:@/\s]{0,200}:([^@\s]{1,500})@/i.exec(value)?.[1];
  if (password === undefined || !isSecretValue(password)) return [];
  try {
    return [...new Set([password, decodeURIComponent(password)])];
  } catch {
    return [password]; // A stray % is part of the password.
  }
}

/** The parts by which a value is known; of one with several lines also each line, since programs print single ones. */
function toParts(value: string): readonly string[] {
  const lines = value.includes("\n") ? value.split(/\r?\n/).map((line) => line.trim()) : [];
  const parts = [value, ...lines.filter((line) => line.length >= minLineLength && isSecretValue(line))];
  return parts.flatMap((part) => {
    const count = Math.ceil(part.length / maxPartLength);
    // The last part is as long as the others, and overlaps the one before.
    return Array.from({ length: count }, (_, index) => {
      const start = count === 1 ? 0 : Math.min(index * maxPartLength, part.length - maxPartLength);
      return part.slice(start, start + maxPartLength);
    });
  });
}

const minLineLength = 24;

function toMarkerName(name: string): string {
  const safe = name.replace(/[^A-Za-z0-9 _.-]+/g, " ").trim();
  return safe === "" ? "secret" : safe.slice(0, 64);
}
