import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { logName } from "./workload.ts";

/** What is left of a write that was killed before the new file was moved to its place. */
const unmovedFile = /(^|\/)\.koda-[0-9a-f]{18}\.tmp$/;

export interface ProjectFiles {
  /** By path; what the log says more than once, once. */
  readonly texts: ReadonlyMap<string, string>;
  /** Paths of new files that a kill kept from being moved to their place. They are no part of the project. */
  readonly unmoved: readonly string[];
}

export async function readProjectFiles(dir: string): Promise<ProjectFiles> {
  const found = await readdir(dir, { recursive: true, withFileTypes: true });
  const files = found
    .filter((item) => !item.isDirectory())
    .map((item) => relative(dir, join(item.parentPath, item.name)));
  const texts = files
    .filter((file) => !unmovedFile.test(file))
    .map(async (file) => {
      const text = await readFile(join(dir, file), "utf8");
      return [file, file === logName ? [...new Set(text.split("\n"))].join("\n") : text] as const;
    });
  return { texts: new Map(await Promise.all(texts)), unmoved: files.filter((file) => unmovedFile.test(file)) };
}

/** Where two projects differ. */
export function compareFiles(
  undisturbed: ReadonlyMap<string, string>,
  disturbed: ReadonlyMap<string, string>,
): readonly string[] {
  const names = [...new Set([...undisturbed.keys(), ...disturbed.keys()])];
  return names
    .filter((name) => undisturbed.get(name) !== disturbed.get(name))
    .map(
      (name) => `file ${name} is ${JSON.stringify(disturbed.get(name))}, not ${JSON.stringify(undisturbed.get(name))}`,
    );
}

/** The lines of the log, none when there is no log yet. */
export async function readLog(dir: string): Promise<readonly string[]> {
  const text = await readFile(join(dir, logName), "utf8").catch(() => "");
  return text.split("\n").filter((line) => line !== "");
}
