import { mkdtempSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type ConnectionEvent, createPolicy, openSandbox } from "@koda/sandbox";
import { kodaRules } from "./koda-rules.ts";
import { readSetting, tellPorts } from "./tell-ports.ts";

/** A session of Koda's sandbox, with the load generator as its command: jobs pass through stdin, messages through stdout. */

const setting = readSetting();
const project = mkdtempSync(join(setting.directory, "project-"));
process.on("exit", () => rmSync(project, { recursive: true, force: true }));
const benchDirectory = fileURLToPath(new URL("../../", import.meta.url));
const sandbox = await openSandbox({
  policy: createPolicy({ projectRoot: project, home: homedir(), readOnlyPaths: [benchDirectory] }),
  filter: kodaRules(setting),
  searchPath: process.env["PATH"] ?? "",
  environment: process.env,
});
if (sandbox.enforcement !== "kernel") throw new Error(sandbox.enforcementReason);
const counts = { open: 0, refused: 0, failed: 0, closed: 0 };
sandbox.subscribe((event: ConnectionEvent) => {
  counts[event.kind] += 1;
});
const command = sandbox.spawn({
  argv: [process.execPath, "--no-warnings", join(benchDirectory, "proxy/load/main.ts")],
  clientId: "bench",
  isReadOnly: false,
});
const end = async (): Promise<void> => {
  await sandbox[Symbol.asyncDispose]();
  process.exit(0);
};
process.on("SIGTERM", () => void end());
const { stdin, stdout, stderr } = command;
if (stdin === null || stdout === null || stderr === null) throw new Error("a command without pipes");
process.stdin.pipe(stdin);
stdout.pipe(process.stdout);
stderr.pipe(process.stderr);
void command.exited.then(end, end);
tellPorts({ http: sandbox.proxy?.port ?? null, socks5: sandbox.socks5Proxy?.port ?? null });
