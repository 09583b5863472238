/** Whether a UTF-16 code unit belongs to a set. */
export type CharSet = (code: number) => boolean;

/** A set of ASCII characters, written as inside of a regular expression's brackets: `A-Za-z0-9_-`, a `-` last. */
export function charSet(members: string): CharSet {
  const isMember = new Uint8Array(128);
  for (let index = 0; index < members.length; index += 1) {
    const first = members.charCodeAt(index);
    const isRange = members[index + 1] === "-" && index + 2 < members.length;
    const last = isRange ? members.charCodeAt(index + 2) : first;
    isMember.fill(1, first, last + 1);
    if (isRange) index += 2;
  }
  return (code) => code < 128 && isMember[code] === 1;
}
