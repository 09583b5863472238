import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { Language, type Node, Parser, type Tree } from "web-tree-sitter";

/** A part of a syntax tree. `text` is the source it covers, as typed. */
export type SyntaxNode = Node;

/** Parses one script and hands its tree to `use`; the tree is freed afterwards, so nothing of it may be kept. */
export type BashParser = <T>(script: string, use: (root: SyntaxNode) => T) => T;

/**
 * The grammar as a WebAssembly module, compiled once per process at first use (about 40 ms): it holds no state of any caller.
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

async function load(): Promise<BashParser> {
  await Parser.init();
  const grammar = createRequire(import.meta.url).resolve("tree-sitter-bash/tree-sitter-bash.wasm");
  const language = await Language.load(await readFile(grammar));
  const parser = new Parser().setLanguage(language);
  return (script, use) => {
    const tree = parseWith(parser, script);
    try {
      return use(tree.rootNode);
    } finally {
      tree.delete();
    }
  };
}

/** The grammar knows no `<>`, which opens a file for both. Where that may be why it fails, it is read as `>>`: a write, as long. */
function parseWith(parser: Parser, script: string): Tree {
  const tree = parser.parse(script);
  if (tree === null) throw new Error("the bash grammar gave no tree");
  if (!tree.rootNode.hasError || !script.includes("<>")) return tree;
  tree.delete();
  return parseWith(parser, script.replaceAll("<>", ">>"));
}
