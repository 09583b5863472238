const maxWords = 64;
/** A prompt can hold a whole file; what it is about stands in its beginning. */
const maxTextLength = 4000;
const shortWord = /^[a-z]{1,3}$/;

/**
 * The words of a prompt by which memories are looked for, at most 64. Short words are in every sentence and match
 * everything: they count only where there is nothing else.
 */
export function toSearchWords(text: string): string {
  const words = [
    ...new Set(
      text
        .slice(0, maxTextLength)
        .toLowerCase()
        .match(/[\p{L}\p{N}]+/gu) ?? [],
    ),
  ];
  const telling = words.filter((word) => !shortWord.test(word));
  return (telling.length > 0 ? telling : words).slice(0, maxWords).join(" ");
}
