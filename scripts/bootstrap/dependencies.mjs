import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, run, say } from "./run.mjs";

const stamp = join(root, "node_modules", ".koda-installed");

/** Installs what pnpm-lock.yaml says, once per change of it: a second start must not wait. */
export function ensureInstalled(pnpm, node) {
  const wanted = fingerprint(pnpm, node);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  say("Installing dependencies …");
  run(pnpm.bin, ["install", "--frozen-lockfile", "--reporter=append-only", "--loglevel=warn"], {
    failure:
      "installing the dependencies failed; what pnpm said is above. " +
      'Without a network: check the connection and "npm config get registry", then try again.',
  });
  writeFileSync(stamp, wanted);
}

function fingerprint(pnpm, node) {
  const hash = createHash("sha256").update(`${pnpm.version}\n${node.bin}\n`);
  const packages = readdirSync(join(root, "packages")).map((name) => `packages/${name}/package.json`);
  for (const file of ["pnpm-lock.yaml", "pnpm-workspace.yaml", "package.json", ...packages]) {
    if (existsSync(join(root, file))) hash.update(file).update(readFileSync(join(root, file)));
  }
  return hash.digest("hex");
}
