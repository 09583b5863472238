/**
 * What a call's arguments say beyond its subject, one line of text each: `-` lines for what an edit takes away, `+` for
 * what it or a write puts there, `name: value` for the rest. Only what is absent or false is left out; the lines are as
 * unescaped as the input.
 */
export function toPreview(input: unknown, subject: string): readonly string[] {
  return flatten("", input).flatMap(({ name, value }) => {
    if (value === subject) return [];
    const field = name.split(".").at(-1) ?? name;
    if (/^old/i.test(field)) return mark("-", value);
    if (/^new|^content$/i.test(field)) return mark("+", value);
    return value.includes("\n") ? [`${name}:`, ...mark(" ", value)] : [`${name}: ${value}`];
  });
}

function flatten(name: string, value: unknown): readonly { readonly name: string; readonly value: string }[] {
  if (value === undefined || value === null || value === false) return [];
  if (typeof value !== "object") return [{ name, value: String(value) }];
  return Object.entries(value).flatMap(([key, inner]) => flatten(name === "" ? key : `${name}.${key}`, inner));
}

function mark(sign: string, text: string): readonly string[] {
  return text
    .replace(/\n$/, "")
    .split("\n")
    .map((line) => `${sign} ${line}`);
}
