import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { logName } from "./workload.ts";

/** The texts of a project's files by path; what the log says more than once, once. */
export async function readProjectFiles(dir: string): Promise<ReadonlyMap<string, string>> {
  const found = await readdir(dir, { recursive: true, withFileTypes: true });
  const files = found
    .filter((item) => !item.isDirectory())
    .map((item) => relative(dir, join(item.parentPath, item.name)));
  const texts = files.map(async (file) => {
    const text = await readFile(join(dir, file), "utf8");
    return [file, file === logName ? [...new Set(text.split("\n"))].join("\n") : text] as const;
  });
  return new Map(await Promise.all(texts));
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
