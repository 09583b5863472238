/**
 * Text of a model, tool, server or file, made safe for a terminal: what would be invisible or act on the terminal is
 * spelled out as `\u{1b}`, so nothing can be hidden, moved or coloured by it. Lines stay lines, a tab becomes four
 * spaces, and the many kinds of blank become a plain one. Total: any string is accepted, and safe text comes back as it was.
 */
export function escapeText(text: string): string {
  return text
    .replace(/\r\n/g, "\n")
    .replace(/\t/g, "    ")
    .replace(otherBlank, " ")
    .replace(unsafe, spellOutUnlessKept);
}

/**
 * The same on one line, exact enough to decide by: line ends and tabs are shown as `\n` and `\t`, no blank passes for
 * another, and a run of blanks that could push text out of sight is shown as `⟨N spaces⟩`.
 */
export function escapeLine(text: string): string {
  return text
    .replace(/\n/g, "\\n")
    .replace(/\r/g, "\\r")
    .replace(/\t/g, "\\t")
    .replace(otherBlank, spellOut)
    .replace(unsafe, spellOutUnlessKept)
    .replace(/ {8,}/g, (run) => ` ⟨${run.length} spaces⟩ `);
}

/**
 * Group 1 is kept: the joiners and selectors that belong to an emoji. All else that matches is spelled out: controls,
 * lone surrogates, line and paragraph separators, what has no glyph of its own (bidirectional overrides, zero-width
 * characters, tags, fillers), and marks that pile up on one letter.
 */
const unsafe =
  /((?<=\p{Extended_Pictographic}\ufe0f?|\p{Emoji_Modifier})\u200d(?=\p{Extended_Pictographic})|(?<=[\p{Extended_Pictographic}#*\d])\ufe0f)|(?!\n)[\p{Cc}\p{Cs}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?<=\p{M}{6})\p{M}/gu;

/** Blanks that are not the space; U+2800 is blank only to the eye. */
const otherBlank = /(?! )\p{Zs}|\u2800/gu;

const spellOutUnlessKept = (found: string, kept: string | undefined): string => kept ?? spellOut(found);

const spellOut = (found: string): string => `\\u{${(found.codePointAt(0) ?? 0).toString(16)}}`;
