import type { Key as InkKey } from "ink";

/** What a person did with the keyboard. */
export type Key =
  | { readonly type: "text"; readonly text: string }
  /** Text from the clipboard, kept whole: its line ends are not Enter. */
  | { readonly type: "paste"; readonly text: string }
  | { readonly type: KeyName };

export type KeyName =
  | "enter"
  | "newline"
  | "backspace"
  | "delete"
  | "delete-word"
  | "delete-to-start"
  | "delete-to-end"
  | "left"
  | "right"
  | "word-left"
  | "word-right"
  | "line-start"
  | "line-end"
  | "up"
  | "down"
  | "escape"
  | "cycle-mode"
  | "interrupt"
  | "end-of-input";

/**
 * Keys from what Ink reports. One report can hold many characters when they arrive faster than they are read:
 * a line end last in it is Enter, one in the middle a new line, so text pasted into a terminal without bracketed paste
 * is not sent line by line. Keys without a meaning here give nothing.
 */
export function toKeys(input: string, key: InkKey): readonly Key[] {
  if (key.eventType === "release") return [];
  const name = toName(input, key);
  if (name !== null) return [{ type: name }];
  if (key.ctrl || key.tab || (key.meta && input.length === 1)) return [];
  return toTyped(input);
}

/** Printable text and line ends only: a prompt holds no control characters. */
export function toPlainText(text: string): string {
  return text
    .replace(/\r\n?/g, "\n")
    .replace(/\t/g, "    ")
    .replace(/(?!\n)\p{Cc}/gu, "");
}

function toTyped(input: string): readonly Key[] {
  const isSent = /[\r\n]$/.test(input);
  const unsent = isSent ? input.replace(/\r?\n$|\r$/, "") : input;
  const text = toPlainText(unsent.replace(/\\(?=[\r\n])/g, ""));
  return [...(text === "" ? [] : [{ type: "text" as const, text }]), ...(isSent ? [{ type: "enter" as const }] : [])];
}

function toName(input: string, key: InkKey): KeyName | null {
  const isWord = key.ctrl || key.meta;
  if (key.return) return key.meta || key.shift ? "newline" : "enter";
  if (input === "\n") return "newline";
  if (key.escape) return "escape";
  if (key.tab) return key.shift ? "cycle-mode" : null;
  if (key.upArrow) return "up";
  if (key.downArrow) return "down";
  if (key.leftArrow) return isWord ? "word-left" : "left";
  if (key.rightArrow) return isWord ? "word-right" : "right";
  if (key.home) return "line-start";
  if (key.end) return "line-end";
  if (key.backspace) return isWord ? "delete-word" : "backspace";
  if (key.delete) return "delete";
  if (key.ctrl) return controlKeys.get(input) ?? null;
  if (key.meta) return metaKeys.get(input) ?? null;
  return null;
}

/** As in readline. */
const controlKeys: ReadonlyMap<string, KeyName> = new Map([
  ["a", "line-start"],
  ["b", "left"],
  ["c", "interrupt"],
  ["d", "end-of-input"],
  ["e", "line-end"],
  ["f", "right"],
  ["j", "newline"],
  ["k", "delete-to-end"],
  ["n", "down"],
  ["p", "up"],
  ["u", "delete-to-start"],
  ["w", "delete-word"],
]);

const metaKeys: ReadonlyMap<string, KeyName> = new Map([
  ["b", "word-left"],
  ["f", "word-right"],
]);
