import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Looks in PATH and where Debian puts daemons. */
export function findProgram(name: string): string | null {
  const directories = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/sbin", "/usr/local/sbin"];
  return directories.map((directory) => join(directory, name)).find((path) => existsSync(path)) ?? null;
}
