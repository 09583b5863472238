import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import type { PolicyInput } from "../src/policy/policy.ts";

const DIRECTORIES = [
  "p",
  "p/a",
  "p/a/b",
  "p/a/b/c",
  "p/.koda",
  "p/tools/hooks",
  "q",
  "q/a",
  "home",
  "home/.ssh",
  "home/work",
];
const NAMES = ["x", ".env", "key.pem", ".mcp.json", ".git/hooks/x", ".git/index", "HEAD", "sub/.env.local"];
const GLOBS = ["**/.env*", "*/b", "a/**/*.pem", "p/*", "**/a", "{p,q}/*.pem", "**"];

/** A small tree of directories with a repository that names its hooks, for policies of `policyInputs` to be about. */
export function plantTree(place: string): void {
  for (const name of DIRECTORIES) mkdirSync(join(place, name), { recursive: true });
  mkdirSync(join(place, "p/.git"));
  writeFileSync(join(place, "p/.git/config"), "[core]\n\thooksPath = tools/hooks\n");
}

/** Policies about that tree, sensible or not. Some are refused. */
export function policyInputs(place: string): fc.Arbitrary<PolicyInput> {
  const directory = fc.constantFrom(...DIRECTORIES).map((name) => join(place, name));
  const path = fc.oneof(
    directory,
    fc.constant(place),
    fc.constantFrom(...GLOBS).map((glob) => join(place, glob)),
  );
  const paths = fc.array(path, { maxLength: 3 });
  const limit = fc.option(fc.integer({ min: 1, max: 1000 }));
  return fc.record({
    projectRoot: fc.constantFrom("p", "p/a", "q").map((name) => join(place, name)),
    home: fc.constant(join(place, "home")),
    writePaths: fc.array(directory, { maxLength: 3 }),
    readOnlyPaths: paths,
    readDenyPaths: fc.oneof(paths, fc.constant(["**/.env*"])),
    privateDirs: fc.array(directory, { maxLength: 1 }),
    isReadOnly: fc.boolean(),
    hosts: hostRules,
    limits: fc.record({ processes: limit, wallMs: limit, cpus: limit }),
  });
}

/** A file of that tree, there or not. */
export function somePath(place: string): fc.Arbitrary<string> {
  const name = fc.constantFrom("", ...NAMES);
  return fc.tuple(fc.constantFrom("", ...DIRECTORIES), name).map((parts) => join(place, ...parts));
}

const HOSTS = ["a.test", "b.a.test", "c.b.a.test", "10.1.2.3", "10.9.9.9", "::1", "fd00::1"];
const PATTERNS = [
  "a.test",
  "*.a.test",
  "**.a.test",
  "*.b.a.test",
  "c.b.a.test",
  "10.0.0.0/8",
  "10.1.0.0/16",
  "10.1.2.3",
  "::1",
];
const pattern = fc
  .tuple(fc.constantFrom(...PATTERNS, "fd00::/8"), fc.constantFrom("", ":443", ":8080", ":*"))
  .map(([host, port]) => (port !== "" && host.includes("::") ? `[${host}]${port}` : `${host}${port}`));
const patterns = fc.array(pattern, { maxLength: 4 });

export const hostRules = fc.record({
  allow: patterns,
  allowPrivate: patterns,
  deny: fc.array(pattern, { maxLength: 2 }),
});
export const someTarget = fc.record({ host: fc.constantFrom(...HOSTS), port: fc.constantFrom(80, 443, 8080, 22) });
