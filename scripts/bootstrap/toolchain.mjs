import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { BootstrapError, root, say } from "./run.mjs";

const nodeMajor = 24;
const nodeVersion = "24.21.0"; // what "node@24" of the npm registry installs, without its install script
const toolchain = join(root, ".toolchain");

/** The Node that everything after the bootstrap runs on: this one, our own copy, or another on PATH. */
export function ensureNode() {
  const ours = join(toolchain, `node-${nodeVersion}`, "node_modules", nodePackage(), "bin", executable("node"));
  const found = [process.execPath, ours, ...onPath("node")].find(
    (path) => existsSync(path) && majorOf(path) >= nodeMajor,
  );
  if (found === undefined) {
    say(`Koda needs Node ${nodeMajor}; this is ${process.version}. Installing node@${nodeVersion} into .toolchain/ …`);
    installPackage(`node-${nodeVersion}`, `${nodePackage()}@${nodeVersion}`);
    if (!existsSync(ours))
      throw new BootstrapError(`${nodePackage()} holds no ${ours}; install Node ${nodeMajor} yourself`);
  }
  const bin = found ?? ours;
  return { bin, binDir: dirname(bin), homeDir: dirname(dirname(bin)) };
}

/** The pnpm that package.json pins. */
export function ensurePnpm() {
  const pinned = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).packageManager;
  const version = pinned.replace("pnpm@", "");
  const name = `@pnpm/exe.${platform()}-${process.arch}${isMusl() ? "-musl" : ""}`;
  const bin = join(toolchain, `pnpm-${version}`, "node_modules", name, executable("pnpm"));
  if (!existsSync(bin)) {
    say(`Installing ${pinned} into .toolchain/ …`);
    installPackage(`pnpm-${version}`, `${name}@${version}`);
  }
  return { bin, binDir: dirname(bin), version };
}

/** Installs into a folder that takes its name only when it is whole. */
function installPackage(folder, spec) {
  const target = join(toolchain, folder);
  const partial = `${target}.partial-${process.pid}`;
  mkdirSync(partial, { recursive: true });
  writeFileSync(join(partial, "package.json"), "{}\n");
  // A user-level nodedir for another Node is no concern of an install without scripts; npm's notices about it are.
  const env = { ...process.env, npm_config_loglevel: "error", npm_config_update_notifier: "false" };
  const args = [
    "install",
    "--prefix",
    partial,
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--no-package-lock",
    "--fetch-retry-mintimeout=1000",
    "--fetch-retry-maxtimeout=5000",
    spec,
  ];
  const [npm, npmArgs] = npmCommand(args);
  const result = spawnSync(npm, npmArgs, {
    cwd: partial,
    env,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (result.status !== 0) {
    rmSync(partial, { recursive: true, force: true });
    throw new BootstrapError(
      `cannot install ${spec} from the npm registry. Check the network and "npm config get registry", then try again;\n` +
        `or install Node ${nodeMajor} or newer yourself (https://nodejs.org).`,
    );
  }
  rmSync(target, { recursive: true, force: true });
  renameSync(partial, target);
}

function npmCommand(args) {
  const cli = process.env.npm_execpath;
  return cli?.endsWith(".js") && cli.includes("npm-cli") ? [process.execPath, [cli, ...args]] : ["npm", args];
}

function nodePackage() {
  const prefix = process.platform === "darwin" && process.arch === "arm64" ? "node-bin" : "node";
  return `${prefix}-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
}

function majorOf(bin) {
  if (bin === process.execPath) return Number(process.versions.node.split(".")[0]);
  const printed = spawnSync(bin, ["--version"], { encoding: "utf8" }).stdout ?? "";
  return Number(/^v(\d+)\./.exec(printed)?.[1] ?? 0);
}

const onPath = (name) =>
  (process.env.PATH ?? "")
    .split(delimiter)
    .filter(Boolean)
    .map((dir) => join(dir, executable(name)));
const executable = (name) => (process.platform === "win32" ? `${name}.exe` : name);
const platform = () => process.platform;
const isMusl = () => process.platform === "linux" && !process.report?.getReport().header.glibcVersionRuntime;
