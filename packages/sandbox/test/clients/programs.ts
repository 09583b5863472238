import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import type { ClientCheck } from "./client-check.ts";

const modules = join(import.meta.dirname, "../../node_modules");

/** Yarn comes with the tests' own dependencies, in both its kinds. */
export const yarnPrograms = {
  classic: realpathSync(join(modules, "yarn/bin/yarn.js")),
  modern: realpathSync(join(modules, "@yarnpkg/cli-dist/bin/yarn.js")),
} as const;

/** Where `npm test` puts clients that it does not install, see `scripts/bootstrap/unpacked-clients.mjs`. */
const unpackedClients = join(import.meta.dirname, "../../../../.toolchain/test-clients");

/** The tests' own PATH; behind it, clients that were unpacked for them. */
export function clientSearchPath(): string {
  return `${process.env["PATH"] ?? ""}:${join(unpackedClients, "bin")}`;
}

/** What lies in the repository, perhaps below `/tmp`, which commands do not see. */
export function clientDirectories(): readonly string[] {
  const yarns = Object.values(yarnPrograms).map((program) => join(program, "../.."));
  return [...directoriesOf("pnpm"), ...yarns, unpackedClients].filter((directory) => existsSync(directory));
}

/** A client that is not there is a failure which says so, never a test left out. */
export function missingPrograms({ programs }: ClientCheck): readonly string[] {
  return programs.filter((program) => directoriesOf(program).length === 0);
}

function directoriesOf(program: string): readonly string[] {
  const directories = clientSearchPath().split(":");
  return directories.filter((directory) => directory !== "" && existsSync(join(directory, program)));
}
