import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { Language, type Node, Parser, type Tree } from "web-tree-sitter";

/** A part of a syntax tree. `text` is the source it covers, as typed. */
export type SyntaxNode = Node;

/**
 * Parses one script and hands its tree to `use`; the tree is freed afterwards, so nothing of it may be kept.
 * Null instead of a tree for a script that takes more work than any honest one does.
 */
export type BashParser = <T>(script: string, use: (root: SyntaxNode | null) => T) => T;

/**
 * The grammar as a WebAssembly module, compiled once per process at first use (about 20 ms): it holds no state of any caller.
 * A failed load is tried again by the next call.
 */
export function loadBashParser(): Promise<BashParser> {
  loaded ??= load().catch((error: unknown) => {
    loaded = null;
    throw error;
  });
  return loaded;
}

let loaded: Promise<BashParser> | null = null;

/** What the parser reads in one go: little, for it reads again wherever it jumps back to. */
const chunkLength = 256;
/**
 * After an error the parser may look from every character to the end of the script: 1.3 s for 10,000 of them. Its work is
 * measured by what it reads, not by time, so that a verdict is the same on every machine: this is about 15 ms.
 */
const maxReadLength = 600_000;

async function load(): Promise<BashParser> {
  await Parser.init();
  const grammar = createRequire(import.meta.url).resolve("tree-sitter-bash/tree-sitter-bash.wasm");
  const language = await Language.load(await readFile(grammar));
  const parser = new Parser().setLanguage(language);
  return (script, use) => {
    const tree = parseWith(parser, script);
    try {
      return use(tree?.rootNode ?? null);
    } finally {
      tree?.delete();
    }
  };
}

/** The grammar knows no `<>`, which opens a file for both. Where that may be why it fails, it is read as `>>`: a write, as long. */
function parseWith(parser: Parser, script: string): Tree | null {
  const tree = parseBounded(parser, script);
  if ((tree !== null && !tree.rootNode.hasError) || !script.includes("<>")) return tree;
  tree?.delete();
  return parseBounded(parser, script.replaceAll("<>", ">>"));
}

/** Past the limit the parser is told that the script ends, which lets it end too. */
function parseBounded(parser: Parser, script: string): Tree | null {
  let leftLength = maxReadLength + script.length;
  const tree = parser.parse((index) => {
    const chunk = script.slice(index, index + chunkLength);
    leftLength -= chunk.length;
    return leftLength < 0 ? "" : chunk;
  });
  if (tree === null) throw new Error("the bash grammar gave no tree");
  if (leftLength < 0) {
    tree.delete();
    return null;
  }
  leftLength = Number.POSITIVE_INFINITY; // the tree reads the text of its nodes in the same way
  return tree;
}
