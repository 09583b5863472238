// npm start, npm test and their like, under any Node ≥ 18 and with no dependency installed:
// find or install Node 24 and pnpm, install, build, hand over. Everything printed here goes to stderr.
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";
import { ensureInstalled } from "./bootstrap/dependencies.mjs";
import { aptTools, ensureLinuxTools, sandboxTools, testTools } from "./bootstrap/linux-tools.mjs";
import { BootstrapError, root, run, runAndExit, say } from "./bootstrap/run.mjs";
import { ensureNode, ensurePnpm } from "./bootstrap/toolchain.mjs";
import { unpackClients, unpackedClients } from "./bootstrap/unpacked-clients.mjs";

const [task = "start", ...args] = process.argv.slice(2);

try {
  const node = ensureNode();
  const pnpm = ensurePnpm();
  process.env.PATH = [node.binDir, pnpm.binDir, process.env.PATH].join(delimiter);
  // A user-level nodedir may name an older Node's headers; ours travel with the binary.
  process.env.npm_config_nodedir = node.homeDir;
  process.env.TURBO_TELEMETRY_DISABLED = "1";
  process.env.DO_NOT_TRACK = "1";
  ensureInstalled(pnpm, node);
  handOver(node, pnpm);
} catch (error) {
  if (!(error instanceof BootstrapError)) throw error;
  process.stderr.write(`\nkoda: ${error.message}\n`);
  process.exit(1);
}

function handOver(node, pnpm) {
  switch (task) {
    case "start":
      ensureLinuxTools(sandboxTools);
      turbo(pnpm, ["build"]);
      return runAndExit(node.bin, [join(root, "packages/cli/bin/koda.js"), ...(args.length > 0 ? args : ["demo"])], {
        cwd: process.env.INIT_CWD ?? root,
      });
    case "test":
      ensureLinuxTools(testTools);
      ensureLinuxTools(unpackClients(unpackedClients));
      ensureLinuxTools(aptTools);
      say("Building, checking types and lint …");
      turbo(pnpm, ["build", "typecheck", "lint", "lint:root"]);
      return runAndExit(node.bin, [join(root, "node_modules/vitest/vitest.mjs"), "run", ...args]);
    case "lint":
      return turbo(pnpm, ["lint", "lint:root"]);
    case "build":
    case "typecheck":
      return turbo(pnpm, [task]);
    case "bench:proxy":
    case "bench:filter":
    case "bench:confine":
    case "bench:engine":
      ensureLinuxTools(sandboxTools);
      turbo(pnpm, ["build"], ["--filter=@koda/bench^..."]);
      return runAndExit(node.bin, [join(root, "bench", task.replace("bench:", ""), "main.ts"), ...args], {
        cwd: process.env.INIT_CWD ?? root,
      });
    case "format":
      return runAndExit(pnpm.bin, ["exec", "biome", "check", "--write", "."]);
    case "changeset":
      return runAndExit(pnpm.bin, ["exec", "changeset", ...args]);
    default:
      throw new BootstrapError(`unknown task ${JSON.stringify(task)}`);
  }
}

function turbo(pnpm, tasks, options = []) {
  if (!existsSync(join(root, "packages/cli/dist"))) say("Building …");
  run(pnpm.bin, ["exec", "turbo", "run", ...tasks, ...options, "--output-logs=errors-only", "--log-order=grouped"], {
    failure: `"turbo run ${tasks.join(" ")}" failed; its output is above`,
  });
}
