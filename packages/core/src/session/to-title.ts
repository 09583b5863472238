const maxTitleChars = 80;

/** The first line of a prompt that says something, as a title: control characters gone, at most 80 characters. */
export function toTitle(prompt: string): string {
  const line = prompt.split("\n").find((candidate) => candidate.trim() !== "") ?? "";
  const clean = line
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, " ")
    .replace(/\s+/g, " ")
    .trim();
  const points = [...clean.toWellFormed()];
  if (points.length === 0) return "(empty prompt)";
  return points.length <= maxTitleChars ? points.join("") : `${points.slice(0, maxTitleChars - 1).join("")}…`;
}
