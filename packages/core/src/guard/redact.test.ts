import fc from "fast-check";
import { expect, test } from "vitest";
import { encodedForms } from "./encoded-forms.ts";
import { redact } from "./redact.ts";
import { redactJson, redactValue } from "./redact-value.ts";
import { SecretRegistry } from "./secret-registry.ts";
import { findSecretInArguments } from "./taint.ts";

const value = "Tr0ub4dor&3/π x";

function openRegistry(): SecretRegistry {
  const registry = new SecretRegistry();
  registry.add({ name: "TOKEN", value });
  return registry;
}

test.each(encodedForms(value))("every form of a value is blanked whole: %s", (form) => {
  expect(redact(`<${form}>`, openRegistry().scanner())).toEqual({ text: "<[secret: TOKEN]>", found: ["TOKEN"] });
});

test.each([60, 130, 400])(
  "a value of %i characters is found in base64 that is wrapped as programs wrap it",
  (length) => {
    const registry = new SecretRegistry();
    const long = "Zx9kQ2w_eR".repeat(length / 10);
    registry.add({ name: "LONG", value: long });
    for (const given of [long, `${long}\n`]) {
      for (const lineBreak of ["\n", "\r\n"]) {
        const wrapped = (
          Buffer.from(given)
            .toString("base64")
            .match(/.{1,76}/g) ?? []
        ).join(lineBreak);
        for (const text of [wrapped, JSON.stringify(wrapped)]) {
          const redacted = redact(text, registry.scanner()).text;
          expect(redacted).toContain("[secret: LONG]");
          // The end shares its characters with what follows.
          expect(redacted.replace("[secret: LONG]", "").length).toBeLessThan(8);
        }
      }
    }
  },
);

test("a value in hexadecimal is found in whatever case its letters are", () => {
  const hex = [...Buffer.from(value).toString("hex")];
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: hex.length, maxLength: hex.length }), (isLarge) => {
      const mixed = hex.map((digit, index) => (isLarge[index] ? digit.toUpperCase() : digit)).join("");
      expect(redact(`<${mixed}>`, openRegistry().scanner()).text).toBe("<[secret: TOKEN]>");
      expect(findSecretInArguments(mixed, openRegistry().valueScanner())).toEqual({ name: "TOKEN" });
    }),
  );
});

test("a value inside of a longer base64 text is found at every offset", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 9 }), fc.string({ maxLength: 9 }), (before, after) => {
      const encoded = Buffer.from(before + value + after).toString("base64");
      expect(redact(encoded, openRegistry().scanner()).found).toEqual(["TOKEN"]);
      expect(findSecretInArguments({ header: [encoded] }, openRegistry().valueScanner())).toEqual({ name: "TOKEN" });
    }),
  );
});

test.each([
  "\u001b[32m",
  "\u001b[01;31m\u001b[K",
  "\u001b[38;2;255;100;0m",
  "\u001b(B",
  "\u009b1m",
  "\\u001b[32m",
  "\\x1b[1;32m",
  "\\e[0m",
  "\\033[K",
  "\\n",
  "\\\\n",
  "\\t",
  "\\r",
  "\\u0020",
  "\\x20",
  "%20",
  "%0A",
])("the shape of a key is known right behind the escape %j, and not behind its letters alone", (sequence) => {
  const key = `ghp_${"aB3".repeat(12)}`;
  const scanner = new SecretRegistry().scanner();
  expect(redact(`word${sequence}${key}`, scanner).text).toBe(`word${sequence}[secret: GitHub token]`);
  expect(redact(`word${sequence.slice(-1)}${key}`, scanner).found).toEqual([]);
});

test("no part of a value stays where values overlap", () => {
  const registry = new SecretRegistry();
  registry.add({ name: "A", value: "abcd1234efgh" });
  registry.add({ name: "B", value: "efghIJKL5678" });
  expect(redact("abcd1234efghIJKL5678.", registry.scanner()).text).toBe("[secret: A].");
  expect(redact("abcd1234efghabcd1234efgh", registry.scanner()).text).toBe("[secret: A][secret: A]");
});

test("of a value longer than a part nothing stays", () => {
  const long =
    fc.sample(fc.string({ unit: fc.constantFrom(..."abcdefgh12345678"), minLength: 2900, maxLength: 2900 }), 1)[0] ??
    "";
  const registry = new SecretRegistry();
  registry.add({ name: "LONG", value: long });
  expect(redact(`x ${long} x`, registry.scanner()).text.replaceAll("[secret: LONG]", "")).toBe("x  x");
  expect(redact(Buffer.from(long).toString("hex"), registry.scanner()).text.replaceAll("[secret: LONG]", "")).toBe("");
});

test("a text without secrets is the same text, and nothing is redacted twice", () => {
  const scanner = openRegistry().scanner();
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.string(), fc.constantFrom(...encodedForms(value))), { maxLength: 6 }),
      (pieces) => {
        const once = redact(pieces.join(" "), scanner);
        expect(redact(once.text, scanner)).toEqual({ text: once.text, found: [] });
      },
    ),
  );
});

test("a JSON value is redacted in depth, in names too, and is the same value when it holds no secret", () => {
  const scanner = openRegistry().scanner();
  const clean = { a: [1, null, { b: "text" }] };
  expect(redactValue(clean, scanner).value).toBe(clean);
  expect(redactValue({ [value]: [{ deep: `is ${value}` }], n: 1 }, scanner)).toEqual({
    value: { "[secret: TOKEN]": [{ deep: "is [secret: TOKEN]" }], n: 1 },
    found: ["TOKEN"],
  });
});

test("a value nested without end is replaced, and counts as holding a secret", () => {
  const deep = JSON.parse(`${"[".repeat(5000)}${"]".repeat(5000)}`);
  expect(JSON.stringify(redactValue(deep, openRegistry().scanner()).value)).toContain("nested too deeply");
  expect(findSecretInArguments(deep, openRegistry().valueScanner())).not.toBeNull();
});

test("redacted JSON is JSON, with no secret in it", () => {
  const scanner = openRegistry().scanner();
  const text = fc.array(
    fc.constantFrom(value, '"', "\\", "n", "-----BEGIN PRIVATE KEY-----", "M".repeat(70), "://a:Zx9-kQ2w_e@h"),
  );
  fc.assert(
    fc.property(
      fc.dictionary(
        text.map((pieces) => pieces.join("")),
        text.map((pieces) => pieces.join("")),
      ),
      (object) => {
        const redacted = redactJson(JSON.stringify(object), scanner);
        expect(() => JSON.parse(redacted.text)).not.toThrow();
        expect(redacted.text).not.toContain(JSON.stringify(value).slice(1, -1));
      },
    ),
  );
  const named = JSON.stringify({ aws_secret_access_key: "wJalrXUtnFEMIxK7MDENGxbPxRfiCYzXAMPLEKEY" });
  expect(redactJson(named, scanner).text).toBe('{"aws_secret_access_key":"[secret: AWS secret access key]"}');
  expect(redactJson(`{"cut": "${value}`, scanner).text).toBe('{"cut": "[secret: TOKEN]');
});

test("what would break the syntax of a JSON text is given as one string of another", () => {
  const registry = new SecretRegistry();
  registry.add({ name: "TOKEN", value: "nQ8Kx2mZp4vTn" });
  const text = JSON.stringify({ text: "\nQ8Kx2mZp4vTn" });
  expect(JSON.parse(redactJson(text, registry.scanner()).text)).toEqual({
    redacted: '{"text":"\\[secret: TOKEN]"}',
  });
});

test("arguments without a known value hold none, whatever shape they have", () => {
  const scanner = openRegistry().valueScanner();
  expect(findSecretInArguments({ command: "echo AKIAIOSFODNN7EXAMPLE", n: 3, x: null }, scanner)).toBeNull();
});
