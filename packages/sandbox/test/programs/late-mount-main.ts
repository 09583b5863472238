/**
 * Mounts something beside a project while a sandbox is open, in a mount namespace of its own that spreads mounts as a desktop's does; prints what a
 * command saw of it, and what is in it afterwards.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { createFilter, createPolicy, openSandbox } from "../../src/index.ts";

const [projectRoot = "", home = "", place = ""] = process.argv.slice(2);
execFileSync("mount", ["--make-rshared", "/"]);
mkdirSync(place);
await using sandbox = await openSandbox({
  policy: createPolicy({ projectRoot, home }),
  filter: createFilter({}),
  searchPath: process.env["PATH"] ?? "",
  environment: process.env,
});
execFileSync("mount", ["-t", "tmpfs", "-o", "mode=777", "late", place]);
const { output } = await sandbox.run({
  argv: ["bash", "-c", `touch '${place}/planted'; grep -c " late " /proc/self/mountinfo`],
  clientId: "late",
  isReadOnly: false,
  timeoutMs: 10_000,
});
process.stdout.write(
  JSON.stringify({ enforcement: sandbox.enforcement, seen: output.split("\n").at(-2), left: readdirSync(place) }),
);
execFileSync("umount", [place]);
