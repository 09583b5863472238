/**
 * Every way in which a value is commonly written: plain, escaped for JSON, percent-encoded, hexadecimal in one case,
 * base64, in lines of 76 characters too, and its URL-safe alphabet. Base64 also as it looks inside of a longer encoded text: there the value begins at any of three
 * offsets, and the characters that it shares with its neighbours are left out.
 */
export function encodedForms(value: string): readonly string[] {
  const bytes = Buffer.from(value, "utf8");
  const hex = bytes.toString("hex");
  const percent = [...bytes].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
  const component = percentEncode(value);
  const base64 = [bytes.toString("base64"), ...[0, 1, 2].map((offset) => innerBase64(bytes, offset))];
  // Alone, or with a line break behind it, as programs print it.
  const wrapped = [bytes.toString("base64"), innerBase64(bytes, 0)].flatMap(wrap);
  return [
    ...new Set([
      value,
      JSON.stringify(value).slice(1, -1),
      component,
      component.replace(/%[0-9A-F]{2}/g, (encoded) => encoded.toLowerCase()),
      component.replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`),
      percent,
      percent.toUpperCase(),
      hex,
      hex.toUpperCase(),
      ...wrapped,
      ...base64.flatMap((form) => [form, form.replace(/=+$/, ""), toUrlSafe(form), toUrlSafe(form).replace(/=+$/, "")]),
    ]),
  ];
}

/** The characters of the base64 of `offset` unknown bytes, the value and an unknown rest that the value alone decides. */
function innerBase64(bytes: Buffer, offset: number): string {
  const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString("base64");
  const first = Math.ceil((offset * 8) / 6);
  return encoded.slice(first, Math.floor(((offset + bytes.length) * 8) / 6));
}

/** In lines of 76 characters (RFC 2045, section 6.8), also as that looks in JSON. Nothing for what fits into one. */
function wrap(base64: string): readonly string[] {
  const lines = base64.match(/.{1,76}/g) ?? [];
  return lines.length < 2 ? [] : ["\n", "\r\n", "\\n", "\\r\\n"].map((lineBreak) => lines.join(lineBreak));
}

function toUrlSafe(base64: string): string {
  return base64.replaceAll("+", "-").replaceAll("/", "_");
}

function percentEncode(value: string): string {
  // A lone half of a surrogate pair has no encoding of its own; every encoder writes U+FFFD for it.
  return encodeURIComponent(value.toWellFormed());
}
