/**
 * A program that uses the sandbox, to be killed: opens one, says so, and runs short and long commands at once for ever. What it and all
 * it starts have in common is the `TZ` of its environment, which the allowlist passes on.
 */
import { createFilter, createPolicy, openSandbox } from "../../src/index.ts";

const [projectRoot = "", home = ""] = process.argv.slice(2);
const sandbox = await openSandbox({
  policy: createPolicy({ projectRoot, home }),
  filter: createFilter({}),
  searchPath: process.env["PATH"] ?? "",
  environment: process.env,
});
if (sandbox.enforcement !== "kernel") throw new Error(sandbox.enforcementReason);
process.stdout.write("open\n");
const scripts = [
  "true",
  "echo x > .envrc; sleep 0.01",
  "setsid -f sleep 600; sleep 600",
  "trap '' TERM HUP; sleep 600",
];
for (let index = 0; ; index++) {
  const script = scripts[index % scripts.length] ?? "true";
  const run = sandbox.run({
    argv: ["bash", "--norc", "-c", script],
    clientId: `${index}`,
    isReadOnly: false,
    timeoutMs: script.includes("600") ? 60_000 : 5_000,
  });
  if (script.includes("600")) {
    run.catch(() => null); // killed with the program
    if (index >= 12) await new Promise((resolve) => setTimeout(resolve, 20));
  } else await run;
}
