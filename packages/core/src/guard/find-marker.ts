import { secretMarker } from "./redact.ts";

/**
 * The first marker of one of `names` in what a call of Write or Edit would put into a file; null when there is none, and
 * for every other tool. There it would take the place of the secret that it stands for.
 */
export function findMarker(
  call: { readonly toolName: string; readonly input: unknown },
  names: Iterable<string>,
): string | null {
  const texts = writtenTexts(call);
  if (texts.length === 0) return null;
  for (const name of names) {
    const marker = secretMarker(name);
    if (texts.some((text) => text.includes(marker))) return marker;
  }
  return null;
}

function writtenTexts({ toolName, input }: { readonly toolName: string; readonly input: unknown }): readonly string[] {
  if (toolName === "Write") return textIn(input, "content");
  if (toolName !== "Edit") return [];
  const edits = fieldOf(input, "edits");
  return Array.isArray(edits) ? edits.flatMap((edit) => textIn(edit, "newText")) : [];
}

function textIn(value: unknown, name: string): readonly string[] {
  const text = fieldOf(value, name);
  return typeof text === "string" ? [text] : [];
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Object.entries(value).find(([key]) => key === name)?.[1] : null;
}
