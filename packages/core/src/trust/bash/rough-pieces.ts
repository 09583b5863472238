/**
 * What might be commands in a script that cannot be parsed: whatever stands between separators, quoted or not.
 * Too many rather than too few, so that a rule that denies still finds its command.
 */
export function roughPieces(script: string): readonly string[] {
  const pieces = script.replace(/\\\n/g, "").split(/[;&|\n`(){}]/);
  return [...new Set(pieces.map((piece) => piece.trim()))].filter((piece) => piece !== "");
}
