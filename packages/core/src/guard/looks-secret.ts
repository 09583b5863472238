/** Shorter values are never taken for secrets: blanking them would wreck ordinary text. */
export const minSecretLength = 8;

/** Guesses against it that a value must withstand to be taken for a secret, as a power of two. */
const minBits = 24;
const minDistinctCharacters = 5;

/** Whether a variable or field of this name holds a key, a token or a password. */
export function isSecretName(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  return words.some((word) => secretWords.has(word));
}

/**
 * Whether a value is random enough to be blanked wherever it occurs. Words, paths, placeholders and short numbers are
 * not, whatever their variable is called.
 */
export function isSecretValue(value: string): boolean {
  if (value.length < minSecretLength || new Set(value).size < minDistinctCharacters) return false;
  if (isPath(value) || placeholder.test(value)) return false;
  return estimateBits(value) >= minBits;
}

const secretWords: ReadonlySet<string> = new Set(
  (
    "key apikey token secret password passwd pass passphrase pwd credential credentials auth authtoken accesstoken " +
    "secretkey accesskey privatekey pat"
  ).split(" "),
);

const placeholder =
  /^[<${%[]|your[-_ ]|example|change[-_]?me|placeholder|x{4}|\*{3}|\.{3}$|^(?:https?|file):\/\/[^@]*$/i;

function isPath(value: string): boolean {
  if (/^(?:~|\.{1,2})?\/(?:[\w.@-]+\/)*[\w.@-]*$/.test(value)) return !/^\/[^/]*$/.test(value) || !isMixed(value);
  return /^[A-Za-z]:\\/.test(value);
}

/** Letters of a word are guessed far more easily than those of a random token. */
function estimateBits(value: string): number {
  let bits = 0;
  for (const word of value.split(/[^A-Za-z0-9\u0080-\uffff]+/)) {
    if (/^[0-9]+$/.test(word)) bits += word.length * 2;
    else if (/^(?:[a-z]+|[A-Z]+|(?:[A-Z][a-z]+)+|[a-z]+(?:[A-Z][a-z]+)+)$/.test(word)) bits += word.length * 1.5;
    else bits += word.length * 5;
  }
  return bits;
}

function isMixed(value: string): boolean {
  return /[0-9]/.test(value) && /[A-Za-z]/.test(value);
}
