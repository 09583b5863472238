import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Editor, edit, emptyEditor, toEditor } from "./editor.ts";
import type { Key, KeyName } from "./key.ts";

const press = (editor: Editor, ...keys: readonly (KeyName | Key)[]): Editor =>
  keys.reduce<Editor>((now, key) => edit(now, typeof key === "string" ? namedKey(key) : key) ?? now, editor);

const namedKey = (name: KeyName): Key => ({ type: name });
const typed = (text: string): Key => ({ type: "text", text });
/** The cursor as a bar. */
const show = ({ text, cursor }: Editor): string => `${text.slice(0, cursor)}|${text.slice(cursor)}`;

describe("edit", () => {
  const cases: readonly [string, string, readonly (KeyName | Key)[], string][] = [
    ["types at the cursor", "ac", ["left", typed("b")], "ab|c"],
    ["keeps a paste whole", "x", [{ type: "paste", text: "1\n2" }], "x1\n2|"],
    ["deletes a whole emoji", "a👩‍👩‍👧", ["backspace"], "a|"],
    ["moves over a whole emoji", "👍🏽b", ["left", "left"], "|👍🏽b"],
    ["deletes forward", "ab", ["line-start", "delete"], "|b"],
    ["deletes a word", "one two  ", ["delete-word"], "one |"],
    ["deletes to the start of the line", "one\ntwo", ["delete-to-start"], "one\n|"],
    ["deletes to the end of the line", "one\ntwo", ["up", "line-start", "delete-to-end"], "|\ntwo"],
    ["moves by words", "one two", ["word-left", "word-left", "word-right"], "one| two"],
    ["goes up to the same column", "abc\nxyz", ["left", "up"], "ab|c\nxyz"],
    ["goes up to a shorter line's end", "a\nxyz", ["up"], "a|\nxyz"],
    ["goes down", "abc\nx", ["up", "line-start", "down"], "abc\n|x"],
    ["goes up from a first empty line", "\nb", ["line-start", "up"], "|\nb"],
    ["a backslash before Enter makes a line", "a\\", ["enter"], "a\n|"],
  ];
  test.each(cases)("%s", (_, start, keys, result) => {
    expect(show(press(toEditor(start), ...keys))).toBe(result);
  });

  test.each<[string, KeyName]>([
    ["one line", "up"],
    ["one line", "down"],
    ["one line", "enter"],
    ["", "escape"],
    ["", "interrupt"],
  ])("in %j, %s is left to others", (text, name) => {
    expect(edit(toEditor(text), namedKey(name))).toBeNull();
  });

  test("the cursor stays inside the text and between whole characters, whatever is pressed", () => {
    const names: readonly KeyName[] = [
      "left",
      "right",
      "up",
      "down",
      "backspace",
      "delete",
      "word-left",
      "line-start",
      "newline",
    ];
    const key = fc.oneof(
      fc.constantFrom(...names).map(namedKey),
      fc.string({ unit: "grapheme", maxLength: 4 }).map(typed),
    );
    fc.assert(
      fc.property(fc.array(key, { maxLength: 30 }), (keys) => {
        const { text, cursor } = press(emptyEditor, ...keys);
        expect(cursor).toBeGreaterThanOrEqual(0);
        expect(cursor).toBeLessThanOrEqual(text.length);
        expect(text.isWellFormed()).toBe(true);
        expect(text.slice(0, cursor).isWellFormed()).toBe(true);
      }),
    );
  });
});
