import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const fromRoot = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const pretend = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.19.0" } });`;

test.each(["packages/cli/bin/koda.js", "packages/sandbox/bin/koda-sandbox.js", "scripts/require-node.mjs"])(
  "under an old Node %s says which one is needed",
  (program) => {
    const old = `data:text/javascript,${encodeURIComponent(pretend)}`;
    const run = spawnSync(process.execPath, ["--import", old, fromRoot(program), "--version"], { encoding: "utf8" });
    expect(run.stderr).toContain("Node 24 or newer; this is Node 20.19.0");
    expect(run.stdout).toBe("");
    expect(run.status).toBe(1);
  },
);
