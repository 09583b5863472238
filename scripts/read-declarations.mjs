// The public declarations of a package, read from what the compiler writes.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";

/** Gives `use` a reader of the declarations of the package at `packageRoot`, made anew from its sources. */
export function withDeclarations(packageRoot, use) {
  const directory = mkdtempSync(join(tmpdir(), "koda-declarations-"));
  try {
    const compiler = createRequire(import.meta.url).resolve("typescript/package.json");
    // Whether the types are right is looked at elsewhere.
    const options = ["--noCheck", "--emitDeclarationOnly", "--declarationMap", "false", "--outDir", directory];
    execFileSync(process.execPath, [
      join(dirname(compiler), "bin/tsc"),
      ...["--project", join(packageRoot, "tsconfig.json"), "--tsBuildInfoFile", join(directory, ".tsbuildinfo")],
      ...options,
    ]);
    return use(createReader(directory));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function createReader(directory) {
  const files = new Map();
  const readFile = (path) => {
    const known = files.get(path);
    if (known !== undefined) return known;
    const file = parseFile(path, readFileSync(path.replace(/\.ts$/, ".d.ts"), "utf8"));
    files.set(path, file);
    return file;
  };
  /** Where a name of a file is declared; null for what comes from another package. */
  const resolve = (path, name) => {
    const file = readFile(path);
    const declaration = file.declarations.get(name);
    if (declaration !== undefined) return { path, file, declaration };
    const source = file.exports.get(name) ?? file.imports.get(name);
    return source === undefined ? null : resolve(source.path, source.name);
  };
  return {
    /** What the file at `entry` (`index.ts`) exports, in order: name, folder, and declarations it is made of. */
    readPublic(entry) {
      const path = join(directory, entry);
      const file = readFile(path);
      const own = [...file.declarations.values()].filter(({ isExported }) => isExported);
      const names = [...file.exports.keys(), ...own.map(({ name }) => name)];
      return names.map((name) => {
        const found = resolve(path, name);
        if (found === null) throw new Error(`${entry}: where does ${name} come from?`);
        const isType = file.exports.get(name)?.isType ?? false;
        const parts = withLocalParts(found, isType);
        return {
          name,
          isType,
          folder: relative(directory, dirname(found.path)),
          parts,
          mentions: parts.flatMap((part) => findMentions(found, { text: visibleText(part, isType), resolve })),
        };
      });
    },
  };
}

/** A declaration, and those of its file that it is made of and that have no name outside. */
function withLocalParts({ file, declaration }, isType) {
  const parts = [declaration];
  for (const part of parts) {
    for (const word of wordsOf(visibleText(part, isType))) {
      const other = file.declarations.get(word);
      if (other !== undefined && !other.isExported && !parts.includes(other)) parts.push(other);
    }
  }
  return parts;
}

/** The exported names, by where they are declared, that a text speaks of. */
function findMentions({ path, file }, { text, resolve }) {
  return wordsOf(text).flatMap((word) => {
    const local = file.declarations.get(word);
    if (local === undefined && !file.imports.has(word)) return [];
    const found = resolve(path, word);
    return found?.declaration.isExported === true ? [found.declaration.name] : [];
  });
}

/** What is seen of a declaration from outside. Of a class that is exported as a type, nobody sees how it is made. */
function visibleText({ text }, isType) {
  const bare = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/"(?:[^"\\]|\\.)*"/g, '""');
  return isType ? withoutConstructor(bare) : bare;
}

/** The text of a class as its users see it who never make one. */
export const withoutConstructor = (text) =>
  text.replace(/^(?: {4}\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n)? {4}(?:private )?constructor\([\s\S]*?\);\n/m, "");

/** Names of types, and of values whose type is asked for. */
const wordsOf = (text) => [...text.matchAll(/(?<![.\w])(?:[A-Z]\w*|(?<=\btypeof )\w+)/g)].map(([word]) => word);

/**
 * `imports`: what a local name stands for, in which file. `exports`: the same for what is exported from elsewhere.
 * `declarations`, by name: the `text` as the compiler wrote it, the `comment` above it without its stars.
 */
function parseFile(path, text) {
  const imports = new Map();
  const exports = new Map();
  const declarations = new Map();
  const from = /^(import|export)( type)? \{([^}]*)\} from "(\.[^"]*)";$/gm;
  for (const [, kind, allTypes, list, target] of text.matchAll(from)) {
    for (const item of list.split(",").map((part) => part.trim())) {
      if (item === "") continue;
      const [, type, name, alias = name] = /^(type )?(\w+)(?: as (\w+))?$/.exec(item);
      const source = { path: join(dirname(path), target), name, isType: (allTypes ?? type) !== undefined };
      (kind === "import" ? imports : exports).set(alias, source);
    }
  }
  let comment = "";
  for (const chunk of splitStatements(text)) {
    const name = /^(?:export )?(?:declare )?(?:(?:abstract )?class|interface|type|const|function) (\w+)/.exec(
      chunk,
    )?.[1];
    if (name !== undefined) {
      const shown = chunk.replace(/^export /, "").replace(/^declare /, "");
      declarations.set(name, { name, isExported: chunk.startsWith("export "), comment: toPlain(comment), text: shown });
    }
    comment = chunk.startsWith("/**") ? chunk : "";
  }
  return { imports, exports, declarations };
}

/** Statements and comments begin at the left edge. So do comments within a union; a type or a value ends with `;`. */
function splitStatements(text) {
  const chunks = [];
  for (const piece of text.split(/^(?=\/\*\*|[a-z])/m)) {
    const last = chunks.at(-1) ?? "";
    if (/^(?:export )?(?:declare )?(?:type|const) /.test(last) && !last.endsWith(";\n"))
      chunks[chunks.length - 1] += piece;
    else chunks.push(piece);
  }
  return chunks.map((chunk) => chunk.trimEnd());
}

const toPlain = (comment) =>
  comment
    .replace(/^\/\*\*|\*\/$/g, "")
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, "").trimEnd())
    .join("\n")
    .trim();
