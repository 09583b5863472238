import type { ToolDefinition } from "../ports/llm-provider.ts";
import type { ToolSnapshot } from "./tool-snapshot.ts";

/**
 * The same snapshot with fewer tools, for a sub-agent or a mode. A tool that is not allowed is absent: it is neither
 * told of nor found, by no spelling. What a plugin says of tools that are all gone is not said. What remains keeps its order. With everything allowed it is the snapshot itself.
 */
export function restrictSnapshot(snapshot: ToolSnapshot, isAllowed: (name: string) => boolean): ToolSnapshot {
  const names = snapshot.names.filter(isAllowed);
  if (names.length === snapshot.names.length) return snapshot;
  const allowed = new Set(names);
  let definitions: readonly ToolDefinition[] | null = null;
  return Object.freeze({
    revision: `${snapshot.revision} only ${names.join(" ")}`,
    names: Object.freeze(names),
    get definitions() {
      definitions ??= Object.freeze(snapshot.definitions.filter(({ name }) => allowed.has(name)));
      return definitions;
    },
    contributions: snapshot.contributionsWith(allowed),
    contributionsWith: (others: ReadonlySet<string>) =>
      snapshot.contributionsWith(new Set([...others].filter((name) => allowed.has(name)))),
    refused: snapshot.refused,
    find(name: string) {
      const tool = snapshot.find(name);
      return tool !== null && allowed.has(tool.name) ? tool : null;
    },
  });
}
