import { homedir } from "node:os";
import { createPolicy, devAllowlistFilter, openSandbox } from "@koda/sandbox";

await using sandbox = await openSandbox({
  policy: createPolicy({ projectRoot: process.cwd(), home: homedir() }),
  filter: devAllowlistFilter().layer({ allow: ["api.example.com"] }),
  searchPath: process.env["PATH"] ?? "",
  environment: process.env,
});
console.log(sandbox.enforcement, "-", sandbox.enforcementReason);
const result = await sandbox.run({
  argv: ["bash", "-c", "echo hi > note.txt; echo no > ~/note.txt; curl -sS https://unlisted.example"],
  clientId: "first-command",
  isReadOnly: false,
  timeoutMs: 60_000,
});
console.log(result.exitCode, result.output);
for (const violation of result.violations) console.log(violation.kind, violation.message);
