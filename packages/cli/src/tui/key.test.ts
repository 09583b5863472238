import type { Key as InkKey } from "ink";
import { describe, expect, test } from "vitest";
import { toKeys, toPlainText } from "./key.ts";

const plain: InkKey = {
  upArrow: false,
  downArrow: false,
  leftArrow: false,
  rightArrow: false,
  pageDown: false,
  pageUp: false,
  home: false,
  end: false,
  return: false,
  escape: false,
  ctrl: false,
  shift: false,
  tab: false,
  backspace: false,
  delete: false,
  meta: false,
  super: false,
  hyper: false,
  capsLock: false,
  numLock: false,
};

describe("toKeys", () => {
  test.each([
    ["a letter", "x", {}, [{ type: "text", text: "x" }]],
    ["Enter", "", { return: true }, [{ type: "enter" }]],
    ["Alt+Enter", "", { return: true, meta: true }, [{ type: "newline" }]],
    ["Ctrl+J", "\n", {}, [{ type: "newline" }]],
    ["Shift+Tab", "", { tab: true, shift: true }, [{ type: "cycle-mode" }]],
    ["Tab", "", { tab: true }, []],
    ["Ctrl-C", "c", { ctrl: true }, [{ type: "interrupt" }]],
    ["Ctrl-D", "d", { ctrl: true }, [{ type: "end-of-input" }]],
    ["a control key without meaning", "q", { ctrl: true }, []],
    ["a function key", "", {}, []],
    ["Alt+B", "b", { meta: true }, [{ type: "word-left" }]],
    ["the release of a key", "x", { eventType: "release" as const }, []],
    ["words and Enter read at once", "hi\r", {}, [{ type: "text", text: "hi" }, { type: "enter" }]],
    ["lines read at once", "a\rb\r", {}, [{ type: "text", text: "a\nb" }, { type: "enter" }]],
    ["an escaped line end read at once", "a\\\rb", {}, [{ type: "text", text: "a\nb" }]],
  ])("%s", (_, input, key, keys) => {
    expect(toKeys(input, { ...plain, ...key })).toEqual(keys);
  });
});

test("plain text has no control characters but line ends", () => {
  expect(toPlainText("a\r\nb\rc\td\u001b[31m\u0000")).toBe("a\nb\nc    d[31m");
});
