import type { Entry } from "../store/entry.ts";

/**
 * Pure. What a model is shown of a whole path, oldest first: the last summary with a path, then everything from the entry
 * it keeps. Earlier summaries are replaced by it.
 */
export function selectShown(path: readonly Entry[]): readonly Entry[] {
  const summary = path.findLast(({ content }) => content.kind === "summary");
  if (summary?.content.kind !== "summary") return path;
  const { keptFromId } = summary.content;
  const after = path.indexOf(summary);
  // An id that is not on the path hides nothing.
  const keptFrom =
    keptFromId === null
      ? after
      : Math.max(
          0,
          path.findIndex(({ id }) => id === keptFromId),
        );
  return [summary, ...path.slice(keptFrom).filter(({ content }) => content.kind !== "summary")];
}
