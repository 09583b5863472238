/** Lines that differ between two texts once their common head and tail are taken away: cheap, and exact for one edit. */
export function countChangedLines(
  before: string,
  after: string,
): { readonly addedLines: number; readonly removedLines: number } {
  const old = linesOf(before);
  const now = linesOf(after);
  const shorter = Math.min(old.length, now.length);
  let head = 0;
  while (head < shorter && old[head] === now[head]) head++;
  let tail = 0;
  while (tail < shorter - head && old[old.length - 1 - tail] === now[now.length - 1 - tail]) tail++;
  return { addedLines: now.length - head - tail, removedLines: old.length - head - tail };
}

/** How many lines a text has; a final newline ends the last one and starts none. */
export function countLines(text: string): number {
  return linesOf(text).length;
}

function linesOf(text: string): readonly string[] {
  if (text === "") return [];
  return (text.endsWith("\n") ? text.slice(0, -1) : text).split("\n");
}
