/**
 * Text between tags that it cannot close: what looks like `tag` in it, however it is spaced or cased, is made harmless.
 * `tag` is a plain word of letters and hyphens.
 */
export function quoteText(tag: string, text: string): string {
  const imitation = new RegExp(`<(?=[\\s/]*${tag})`, "gi");
  return `<${tag}>\n${text.replace(imitation, "&lt;")}\n</${tag}>`;
}
