// Makes docs/api/core.md anew from the declarations of @koda/core: node scripts/write-api-reference.mjs
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { withDeclarations, withoutConstructor } from "./read-declarations.mjs";

const packageRoot = fileURLToPath(new URL("../packages/core", import.meta.url));

export const referencePath = fileURLToPath(new URL("../docs/api/core.md", import.meta.url));

/** Entry points of the package, and the files they are. */
const entries = {
  "@koda/core": "index.ts",
  "@koda/core/store-conformance": "store-conformance/store-conformance-cases.ts",
  "@koda/core/telemetry": "telemetry/index.ts",
};

/** What the folders of the package are about, in the order in which one meets them. */
const areas = {
  agent: "Agents",
  session: "Sessions",
  turn: "Turns",
  events: "Events and commands",
  attach: "Looking on from elsewhere",
  effects: "Effects: record and replay",
  ports: "Ports: what is handed in",
  store: "Stores",
  "store-conformance": "The conformance kit of stores",
  transfer: "Export and import",
  tools: "Tools",
  trust: "Trust",
  "trust/bash": "Trust",
  files: "Files",
  guard: "Security guard",
  hooks: "Hooks",
  lanes: "Lanes",
  context: "Context",
  prompt: "Prompt and context providers",
  memory: "Memory",
  completion: "Direct completions",
  planning: "Plans and goals",
  tasks: "Checklist",
  ledger: "Usage and budgets",
  telemetry: "Telemetry",
  "": "Errors",
};

/** Everything that the package exports: its entry point, and as `readPublic` of the reader gives it. */
export const readCoreApi = () =>
  withDeclarations(packageRoot, ({ readPublic }) =>
    Object.entries(entries).flatMap(([entry, file]) => readPublic(file).map((item) => ({ ...item, entry }))),
  );

/** The whole page. */
export function toApiReference(api) {
  const sections = Map.groupBy(api, ({ folder }) => toArea(folder));
  const titles = [...new Set(Object.values(areas))].filter((title) => sections.has(title));
  return `<!-- Made by scripts/write-api-reference.mjs from the declarations of @koda/core. Do not edit. -->

# @koda/core: every exported name

How to use them is in [the README](../../packages/core/README.md); events and commands are in [events.md](../events.md). A class
that is exported as a type is made by the package, never by its user.

${titles.map((title) => `- [${title}](#${toAnchor(title)})`).join("\n")}

${titles.map((title) => toSection(title, sections.get(title) ?? [])).join("\n\n")}
`;
}

function toArea(folder) {
  const title = areas[folder];
  if (title === undefined) throw new Error(`the folder ${folder} has no title in scripts/write-api-reference.mjs`);
  return title;
}

function toSection(title, items) {
  const sorted = items.toSorted((left, right) => (left.name.toLowerCase() < right.name.toLowerCase() ? -1 : 1));
  return [`## ${title}`, ...sorted.map(toItem)].join("\n\n");
}

function toItem({ name, entry, isType, parts }) {
  const code = parts.map(({ text }) => toCode(text, isType)).join("\n\n");
  const from = entry === "@koda/core" ? [] : [`From \`${entry}\`.`];
  const comment = toMarkdown(parts[0].comment);
  return [`### ${name}`, ...from, ...(comment === "" ? [] : [comment]), `\`\`\`ts\n${code}\n\`\`\``].join("\n\n");
}

/** What can be used of it: a text that is long is a string, and nobody sees what is private. */
function toCode(text, isType) {
  const shown = text
    .replace(/^(const \w+) = "(?:[^"\\]|\\.){40,}";$/, "$1: string;")
    .replace(/^ {4}(?:#private|private constructor\(\));\n/gm, "")
    .replace(/\{@link (?:[^}|]*\| ?)?([^}]*)\}/g, "`$1`");
  return isType ? withoutConstructor(shown) : shown;
}

/** Links become names, and what is thrown a paragraph of its own. */
function toMarkdown(comment) {
  return comment
    .replace(/\{@link (?:[^}|]*\| ?)?([^}]*)\}/g, "`$1`")
    .replace(/\n*^@throws \{(\w+)\}\s*/gm, "\n\nThrows `$1`: ")
    .replace(/\n*^@throws\s*/gm, "\n\nThrows: ")
    .trim();
}

const toAnchor = (title) =>
  title
    .toLowerCase()
    .replace(/[^\w -]/g, "")
    .replaceAll(" ", "-");

if (import.meta.main) {
  mkdirSync(dirname(referencePath), { recursive: true });
  writeFileSync(referencePath, toApiReference(readCoreApi()));
}
