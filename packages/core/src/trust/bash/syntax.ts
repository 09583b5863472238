import type { CommandInput } from "./command.ts";
import { harmlessTests } from "./judge-read-only.ts";
import type { SyntaxNode } from "./parse-bash.ts";
import { parseWord } from "./word.ts";

/** The named children of a node. */
export function nodesOf(node: SyntaxNode): readonly SyntaxNode[] {
  return node.namedChildren.filter((child) => child !== null);
}

/** The parts of a command, as typed. */
export function readCommand(node: SyntaxNode): {
  readonly assignments: readonly string[];
  readonly words: readonly string[];
  readonly redirections: readonly SyntaxNode[];
} {
  const children = node.children.filter((child) => child !== null);
  const isRedirection = ({ type }: SyntaxNode): boolean => type.endsWith("_redirect");
  const isAssignment = ({ type }: SyntaxNode): boolean => type === "variable_assignment";
  return {
    assignments: children.filter(isAssignment).map((child) => child.text),
    words: children.filter((child) => !isRedirection(child) && !isAssignment(child)).map((child) => child.text),
    redirections: children.filter(isRedirection),
  };
}

export interface Redirection {
  /** As typed, without the extra words. */
  readonly text: string;
  /** As typed; null when it only joins descriptors, or the text is in the script. */
  readonly target: string | null;
  readonly access: "read" | "write" | null;
  /** Words that the grammar hangs on the redirection although they are arguments: `find . > out -delete`. */
  readonly extraWords: readonly string[];
  /** The standard input it gives. */
  readonly input: CommandInput | null;
}

export function readRedirection(node: SyntaxNode): Redirection {
  if (node.type === "heredoc_redirect") return readHeredoc(node);
  if (node.type === "herestring_redirect") {
    const value = parseWord(nodesOf(node)[0]?.text ?? "", { home: "~", cwd: null }).value;
    return { text: node.text, target: null, access: null, extraWords: [], input: { kind: "script", text: value } };
  }
  const [destination, ...more] = node.childrenForFieldName("destination").filter((child) => child !== null);
  const extraWords = more.map((child) => child.text);
  const operator = node.children.find((child) => child !== null && /[<>]/.test(child.type))?.type ?? ">";
  const target = destination?.text ?? null;
  const text = destination === undefined ? node.text : node.text.slice(0, destination.endIndex - node.startIndex);
  if (target === null || (operator.endsWith("&") && /^\d+-?$|^-$/.test(target))) {
    return { text, target: null, access: null, extraWords, input: null };
  }
  const isRead = operator === "<" || operator === "<&";
  return { text, target, access: isRead ? "read" : "write", extraWords, input: isRead ? { kind: "other" } : null };
}

function readHeredoc(node: SyntaxNode): Redirection {
  const parts = nodesOf(node);
  const body = parts.find(({ type }) => type === "heredoc_body");
  const isQuoted = /['"\\]/.test(parts.find(({ type }) => type === "heredoc_start")?.text ?? "");
  const isStatic = isQuoted || !/[\\$`]/.test(body?.text ?? "");
  const nested = parts.filter(({ type }) => type === "file_redirect").map((each) => readRedirection(each));
  const args = node.childrenForFieldName("argument").filter((child) => child !== null);
  return {
    text: node.text,
    target: null,
    access: null,
    extraWords: [...args.map((child) => child.text), ...nested.flatMap((each) => each.extraWords)],
    input: { kind: "script", text: isStatic ? (body?.text ?? "") : null },
  };
}

/** `a && b || c` from left to right; the grammar nests it to the left, as deep as it is long. */
export function listParts(list: SyntaxNode): {
  readonly first: SyntaxNode | null;
  readonly rest: readonly { readonly operator: string; readonly node: SyntaxNode }[];
} {
  const rest: { operator: string; node: SyntaxNode }[] = [];
  let first: SyntaxNode | null = list;
  while (first?.type === "list") {
    const [left, right]: readonly SyntaxNode[] = nodesOf(first);
    const operator = first.children.find((child) => child?.type === "&&" || child?.type === "||")?.type ?? ";";
    if (right !== undefined) rest.unshift({ operator, node: right });
    first = left ?? null;
  }
  return { first, rest };
}

/** True when a part of the script is in no leaf of the tree, so that the tree does not say all that bash will see. */
export function hasUnreadText(root: SyntaxNode, script: string): boolean {
  const cursor = root.walk();
  let end = 0;
  let heredocEnd = 0;
  try {
    for (;;) {
      if (cursor.nodeType === "heredoc_body") heredocEnd = cursor.endIndex;
      if (cursor.gotoFirstChild()) continue;
      const gap = script.slice(end, cursor.startIndex);
      // tree-sitter-bash 0.25 loses the operand `-` right before a heredoc; it only says again where the input comes from.
      const isLostDash = cursor.nodeType === "<<" && /^[ \t]+-[ \t]*$/.test(gap);
      // Of a heredoc's text it makes leaves only from the first expansion on.
      const isHeredocText = cursor.startIndex <= heredocEnd && !/[$`]/.test(gap.replace(/\\[\s\S]/g, ""));
      if (!isLostDash && !isHeredocText && !isBlank(gap)) return true;
      end = Math.max(end, cursor.endIndex);
      while (!cursor.gotoNextSibling()) {
        if (!cursor.gotoParent()) return !isBlank(script.slice(end));
      }
    }
  } finally {
    cursor.delete();
  }
}

const isBlank = (text: string): boolean => /^(?:[ \t\n]|\\\n)*$/.test(text);

/** True for `[ … ]` and `[[ … ]]` that compare strings and look at files, with nothing expanded. */
export function isHarmlessTest(node: SyntaxNode): boolean {
  const words = node.text.split(/\s+/);
  const hasOnlyKnown = words.every((word) => !word.startsWith("-") || harmlessTests.has(word));
  return hasOnlyKnown && !/[$`\\'"<>]|[=!<>]~/.test(node.text.replaceAll(/"[\w ./:@+-]*"|'[\w ./:@+-]*'/g, ""));
}
