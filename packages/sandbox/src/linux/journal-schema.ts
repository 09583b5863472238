import { z } from "zod";
import type { WatchList } from "./undo-planted.ts";

const absolute = z.string().startsWith("/");
const schema = z.object({
  watched: z.array(z.object({ path: absolute, linkTarget: z.string().nullable() })),
  absentGitDirectories: z.array(absolute),
});

/** What a `PlantedJournal` holds behind its first byte; null for anything else. */
export function parseJournal(text: string): WatchList | null {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
