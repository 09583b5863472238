import type { Key } from "./key.ts";

/** The prompt being written. `cursor` is an index into `text` (UTF-16), always between two characters as a person sees them. */
export interface Editor {
  readonly text: string;
  readonly cursor: number;
}

export const emptyEditor: Editor = { text: "", cursor: 0 };

/** The text with the cursor behind it. */
export function toEditor(text: string): Editor {
  return { text, cursor: text.length };
}

/** The editor after one key. Null where the key has no meaning for it, as Up on the first line, so that others may use it. */
export function edit(editor: Editor, key: Key): Editor | null {
  const { text, cursor } = editor;
  switch (key.type) {
    case "text":
    case "paste":
      return replace(editor, cursor, cursor, key.text);
    case "newline":
      return replace(editor, cursor, cursor, "\n");
    case "backspace":
      return replace(editor, previous(editor), cursor, "");
    case "delete":
      return replace(editor, cursor, next(editor), "");
    case "delete-word":
      return replace(editor, wordLeft(editor), cursor, "");
    case "delete-to-start":
      return replace(editor, lineStart(editor), cursor, "");
    case "delete-to-end":
      return replace(editor, cursor, lineEnd(editor), "");
    case "left":
      return { text, cursor: previous(editor) };
    case "right":
      return { text, cursor: next(editor) };
    case "word-left":
      return { text, cursor: wordLeft(editor) };
    case "word-right":
      return { text, cursor: wordRight(editor) };
    case "line-start":
      return { text, cursor: lineStart(editor) };
    case "line-end":
      return { text, cursor: lineEnd(editor) };
    case "up":
      return lineStart(editor) === 0 ? null : moveToLine(editor, lineStart(editor) - 1);
    case "down":
      return lineEnd(editor) === text.length ? null : moveToLine(editor, lineEnd(editor) + 1);
    case "enter":
      return text[cursor - 1] === "\\" && cursor === text.length ? replace(editor, cursor - 1, cursor, "\n") : null;
    case "escape":
    case "cycle-mode":
    case "interrupt":
    case "end-of-input":
      return null;
    default:
      return key satisfies never;
  }
}

function replace({ text }: Editor, start: number, end: number, inserted: string): Editor {
  return { text: text.slice(0, start) + inserted + text.slice(end), cursor: start + inserted.length };
}

/** One character as a person counts: an emoji with its joiners, a letter with its marks. */
function previous({ text, cursor }: Editor): number {
  const before = text.slice(0, cursor);
  const last = [...new Intl.Segmenter().segment(before.slice(-reach))].at(-1);
  return cursor - (last?.segment.length ?? 0);
}

function next({ text, cursor }: Editor): number {
  const [first] = new Intl.Segmenter().segment(text.slice(cursor, cursor + reach));
  return cursor + (first?.segment.length ?? 0);
}

/** The longest character that is looked for, in UTF-16 units; the longest emoji has 15. */
const reach = 64;

function wordLeft({ text, cursor }: Editor): number {
  let index = cursor;
  while (index > 0 && isBlank(text, index - 1)) index--;
  while (index > 0 && !isBlank(text, index - 1)) index--;
  return index;
}

function wordRight({ text, cursor }: Editor): number {
  let index = cursor;
  while (index < text.length && isBlank(text, index)) index++;
  while (index < text.length && !isBlank(text, index)) index++;
  return index;
}

const isBlank = (text: string, index: number): boolean => /\s/.test(text[index] ?? "");

function lineStart({ text, cursor }: Editor): number {
  return cursor === 0 ? 0 : text.lastIndexOf("\n", cursor - 1) + 1;
}

function lineEnd({ text, cursor }: Editor): number {
  const end = text.indexOf("\n", cursor);
  return end === -1 ? text.length : end;
}

/** The same column on the line that `position` is on, or that line's end; never inside a character. */
function moveToLine(editor: Editor, position: number): Editor {
  const { text } = editor;
  const column = editor.cursor - lineStart(editor);
  const start = lineStart({ text, cursor: position });
  const line = text.slice(start, lineEnd({ text, cursor: start }));
  if (column >= line.length) return { text, cursor: start + line.length };
  return { text, cursor: start + (new Intl.Segmenter().segment(line).containing(column)?.index ?? 0) };
}
