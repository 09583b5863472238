/**
 * One line of JSON. What acts on a terminal or is invisible there (C1 controls, bidirectional overrides, …) is written as
 * `\\uXXXX`, which a parser reads back as it was.
 */
export function toJsonLine(value: unknown): string {
  const escaped = JSON.stringify(value).replace(unsafe, (found) =>
    Array.from({ length: found.length }, (_, index) => spellOut(found.charCodeAt(index))).join(""),
  );
  return `${escaped}\n`;
}

const spellOut = (unit: number): string => `\\u${unit.toString(16).padStart(4, "0")}`;

/** JSON itself escapes C0 controls and lone surrogates. */
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
