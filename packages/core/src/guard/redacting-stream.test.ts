import fc from "fast-check";
import { expect, test } from "vitest";
import { encodedForms } from "./encoded-forms.ts";
import { redact } from "./redact.ts";
import { createRedactingStream } from "./redacting-stream.ts";
import { SecretRegistry } from "./secret-registry.ts";
import { parseSecretRule, type SecretRuleConfig } from "./secret-rule.ts";

const value = "s3cr3t-Va1ue/with+signs";
const rules: readonly SecretRuleConfig[] = [
  { name: "staff number", pattern: "\\bEMP-\\d{4,12}", level: "sensitive" },
  { name: "code name", pattern: "project (?<secret>[A-Z][a-z]{2,20})$", level: "secret" },
];

function openRegistry(withRules: readonly SecretRuleConfig[]): SecretRegistry {
  const registry = new SecretRegistry({ rules: withRules.map(parseSecretRule) });
  registry.add({ name: "MY_KEY", value });
  registry.add({ name: "OTHER_KEY", value: "signsAndMore99" });
  registry.add({ name: "MULTI", value: "first-line-0123456789abcdef\nsecond-line-ABCDEF9876543210" });
  return registry;
}

const pem = `-----BEGIN RSA PRIVATE KEY-----\n${"MIIEow0BAQ+/x9\n".repeat(12)}-----END RSA PRIVATE KEY-----`;

const mixedHex = [...Buffer.from(value).toString("hex")]
  .map((digit, index) => (index % 3 === 0 ? digit.toUpperCase() : digit))
  .join("");

/** What secrets are made of, whole and broken, so that every state of the scanner is met. */
const piece: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(...encodedForms(value), mixedHex, "signsAndMore99", "first-line-0123456789abcdef"),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      `ghp_${"aB3".repeat(12)}`,
      "AKIAIOSFODNN7EXAMPLE",
      `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.${"Sfl-".repeat(6)}`,
      pem,
      pem.replaceAll("\n", "\\n"),
      "postgres://app:Zx9-kQ2w_e@db",
      `aws_secret_access_key = ${"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".slice(0, 40)}`,
      "EMP-12345",
      "project Falcon",
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      "\u001b[01;31m\u001b[K",
      "\\n",
      "\\u001b[0m",
      "%0A",
      "\n",
      " ",
      '"',
      "\\",
      "-----",
      "://",
      "eyJ",
      "ghp_",
      "s3cr3t",
      ":",
      "@",
      ".",
    ),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 12 }) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 1, max: 5000 }).map((length) => "lorem ipsum ".repeat(500).slice(0, length)),
  },
);
const text = fc.array(piece, { maxLength: 14 }).chain((pieces) =>
  // A piece may break off anywhere.
  fc
    .array(fc.nat(60), { minLength: pieces.length, maxLength: pieces.length })
    .map((ends) =>
      pieces.map((whole, index) => ((ends[index] ?? 0) > 45 ? whole.slice(0, ends[index]) : whole)).join(""),
    ),
);
const lengths = fc.oneof(
  fc.constantFrom(1, 2, 3, 7).map((length) => Array.from({ length: 40_000 / length }, () => length)),
  fc.array(fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 3000 })), { maxLength: 100 }),
);

test.each([
  ["with shapes and values", []],
  ["with rules of the user's own too", rules],
] as const)("a text that arrives in pieces is redacted as if it came whole, %s", (_, given) => {
  const registry = openRegistry(given);
  fc.assert(
    fc.property(text, lengths, (whole, chunks) => {
      const stream = createRedactingStream({ scanner: () => registry.scanner() });
      let shown = "";
      let index = 0;
      for (const length of chunks) {
        shown += stream.push(whole.slice(index, index + length));
        index += length;
      }
      shown += stream.push(whole.slice(index)) + stream.flush();
      expect(shown).toBe(redact(whole, registry.scanner()).text);
    }),
    { numRuns: 600 },
  );
});

test.each(encodedForms(value))("a known value never shows, character by character: %s", (form) => {
  const registry = openRegistry([]);
  const stream = createRedactingStream({ scanner: () => registry.scanner() });
  const shown = [...`before ${form} after`].map((character) => stream.push(character)).join("") + stream.flush();
  expect(shown).toBe("before [secret: MY_KEY] after");
});

test.each([
  ["a window of a long line", 2030, 2060, "EMP-12345678"],
  ["the next window", 4070, 4110, "EMP-12345678"],
  ["a later window", 8180, 8200, "EMP-12345678"],
])("a rule matches also across the edge of %s, however the text arrives", (_, first, last, secret) => {
  const registry = openRegistry(rules);
  for (let offset = first; offset < last; offset += 1) {
    const whole = `short line\n${".".repeat(offset)}${secret}${"-".repeat(offset % 2 === 0 ? 9 : 5000)}\nEMP-1234`;
    const expected = whole.replaceAll(/EMP-\d+/g, "[secret: staff number]");
    expect(redact(whole, registry.scanner()).text).toBe(expected);
    for (const step of [997, 2048]) {
      const stream = createRedactingStream({ scanner: () => registry.scanner() });
      let shown = "";
      for (let index = 0; index < whole.length; index += step) shown += stream.push(whole.slice(index, index + step));
      expect(shown + stream.flush()).toBe(expected);
    }
  }
});

test("a secret that is known only from what is before it is not shown when another begins in between", () => {
  const registry = new SecretRegistry();
  registry.add({ name: "LONG", value: "app:Zx9-kQ2w_e@db.internal.example" });
  const stream = createRedactingStream({ scanner: () => registry.scanner() });
  const shown = stream.push("postgres://app:Zx9-kQ2w_e@db") + stream.push("-two") + stream.flush();
  expect(shown).toBe("postgres://app:[secret: URL password]@db-two");
});

test("a word that was passed on already keeps a key from beginning in it", () => {
  const registry = new SecretRegistry();
  const whole = `task ghp_${"aB3".repeat(12)} taskghp_${"aB3".repeat(12)}`;
  const stream = createRedactingStream({ scanner: () => registry.scanner() });
  const shown = [...whole].map((character) => stream.push(character)).join("") + stream.flush();
  expect(shown).toBe(`task [secret: GitHub token] taskghp_${"aB3".repeat(12)}`);
});

test.each(["\u001b[32m", "\\n", "\\u0020", "%20"])(
  "a key behind the escape %j is known when it comes bit by bit",
  (sequence) => {
    const registry = new SecretRegistry();
    const stream = createRedactingStream({ scanner: () => registry.scanner() });
    const whole = `a word${sequence}ghp_${"aB3".repeat(12)}.`;
    const shown = [...whole].map((character) => stream.push(character)).join("") + stream.flush();
    expect(shown).toBe(`a word${sequence}[secret: GitHub token].`);
  },
);

test("text that cannot begin a secret is passed on at once", () => {
  const registry = openRegistry([]);
  const stream = createRedactingStream({ scanner: () => registry.scanner() });
  expect(stream.push("Hello world. ")).toBe("Hello world. ");
  expect(stream.push("It is s3cr3t")).toBe("It is ");
  expect(stream.push(" after all.\n")).toBe("s3cr3t after all.\n");
  expect(stream.flush()).toBe("");
});

test("a private key that breaks off is not shown", () => {
  const registry = new SecretRegistry();
  const stream = createRedactingStream({ scanner: () => registry.scanner() });
  expect(stream.push(pem.slice(0, 100)) + stream.push(pem.slice(100, 150)) + stream.flush()).toBe(
    "[secret: private key]",
  );
});

test("after the end of a text the next begins anew", () => {
  const registry = openRegistry(rules);
  const stream = createRedactingStream({ scanner: () => registry.scanner() });
  stream.push("one line ");
  stream.flush();
  expect(stream.push("EMP-77777\n") + stream.flush()).toBe("[secret: staff number]\n");
});

test("what is found is reported by name", () => {
  const registry = openRegistry([]);
  const names: string[] = [];
  const stream = createRedactingStream({ scanner: () => registry.scanner(), onFound: (found) => names.push(...found) });
  stream.push(value.slice(0, 9));
  stream.push(`${value.slice(9)}.`);
  stream.flush();
  expect(names).toEqual(["MY_KEY"]);
});
