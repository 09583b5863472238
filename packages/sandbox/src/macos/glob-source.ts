import { toAnyCase } from "./seatbelt-text.ts";

/**
 * A regular expression for the profile language that matches everything a pattern of paths does, and a little more: a class such as `[ab]` is any
 * character. Pure.
 */
export function toRegexSource(pattern: string): string {
  let source = "";
  let braces = 0;
  for (let at = 0; at < pattern.length; ) {
    const rest = pattern.slice(at);
    const known = TOKENS.find(({ token }) => token.test(rest));
    const text = known?.token.exec(rest)?.[0] ?? [...rest][0] ?? "";
    at += text.length;
    if (text === "{") braces++;
    if (text === "}") braces--;
    const isComma = text === "," && braces > 0;
    source += isComma ? "|" : (known?.source(text) ?? toAnyCase(text));
  }
  return source;
}

interface Token {
  readonly token: RegExp;
  readonly source: (text: string) => string;
}

const TOKENS: readonly Token[] = [
  { token: /^\\./s, source: (text) => toAnyCase(text.slice(1)) },
  { token: /^\*\*+\//, source: () => "(.*/)?" },
  { token: /^(?:\/\*\*+)+$/, source: () => "(/.*)?" },
  { token: /^\*\*+/, source: () => ".*" },
  { token: /^\*/, source: () => "[^/]*" },
  { token: /^\?/, source: () => "[^/]" },
  { token: /^\[[!^]?\]?[^\]]*\]/, source: () => "[^/]" },
  { token: /^\{[^{},]*\.\.[^{},]*\}/, source: () => "[^/]*" },
  { token: /^\{/, source: () => "(" },
  { token: /^\}/, source: () => ")" },
];
