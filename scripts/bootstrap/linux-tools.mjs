import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { say } from "./run.mjs";

/** What the sandbox needs, and what the tests need besides. */
export const sandboxTools = [
  { program: "bwrap", packageName: "bubblewrap" },
  { program: "nsenter", packageName: "util-linux" },
];
export const testTools = [
  ...sandboxTools,
  { program: "tmux", packageName: "tmux" },
  { program: "curl", packageName: "curl" },
  { program: "wget", packageName: "wget" },
  { program: "openssl", packageName: "openssl" },
  {
    program: "ssh",
    packageName: "openssh-client",
    packageNames: { dnf: "openssh-clients", yum: "openssh-clients", zypper: "openssh-clients", pacman: "openssh" },
  },
  { program: "git", packageName: "git" },
  { program: "python3", packageName: "python3", packageNames: { pacman: "python" } },
  { program: "pip3", packageName: "python3-pip", packageNames: { pacman: "python-pip", apk: "py3-pip" } },
];
/** One of the clients that the tests try. Apart, since not every other system has packages of it. */
export const aptTools = [
  { program: "apt-get", packageName: "apt" },
  { program: "dpkg-deb", packageName: "dpkg" },
];

const managers = [
  { program: "apt-get", steps: [["update"], ["install", "-y", "--no-install-recommends"]] },
  { program: "dnf", steps: [["install", "-y"]] },
  { program: "yum", steps: [["install", "-y"]] },
  { program: "pacman", steps: [["-Sy", "--noconfirm"]] },
  { program: "zypper", steps: [["--non-interactive", "install"]] },
  { program: "apk", steps: [["add"]] },
];

const systemDirs = ["/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin"];

/** On Linux, sees to the programs named. What cannot be installed is told with the command to type, and Koda goes on. */
export function ensureLinuxTools(tools) {
  if (process.platform !== "linux") return;
  const manager = managers.find((candidate) => isInstalled(candidate.program)) ?? null;
  const plan = planInstall({
    missing: tools.filter((tool) => !isInstalled(tool.program)).map((tool) => nameOf(tool, manager)),
    manager,
    isRoot: process.getuid?.() === 0,
    canSudo,
  });
  if (plan.message !== "") say(plan.message);
  for (const [program, ...args] of plan.commands) {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const result = spawnSync(program, args, { stdio: ["ignore", "ignore", 2], env });
    if (result.status !== 0)
      return say(`That failed. Koda goes on without; to try again, type:\n\n  ${typed(plan.commands)}\n`);
  }
}

/** What to say and what to run; nothing is run that was not said. */
export function planInstall({ missing, manager, isRoot, canSudo: hasSudo }) {
  if (missing.length === 0) return { message: "", commands: [] };
  const names = missing.join(" and ");
  if (manager === null) {
    return { message: `Koda's sandbox needs ${names}; install that with your system's package manager.`, commands: [] };
  }
  const prefix = isRoot ? [] : ["sudo"];
  const commands = manager.steps.map((step) => [
    ...prefix,
    manager.program,
    ...step,
    ...(step[0] === "update" ? [] : missing),
  ]);
  if (!isRoot && !hasSudo())
    return { message: `Koda's sandbox needs ${names}. Type:\n\n  ${typed(commands)}\n`, commands: [] };
  return { message: `Koda's sandbox needs ${names}; installing it with: ${typed(commands)}`, commands };
}

const nameOf = (tool, manager) => tool.packageNames?.[manager?.program] ?? tool.packageName;
const typed = (commands) => commands.map((words) => words.join(" ")).join(" && ");
const isInstalled = (program) => systemDirs.some((dir) => existsSync(join(dir, program)));
const canSudo = () => isInstalled("sudo") && spawnSync("sudo", ["-n", "true"], { stdio: "ignore" }).status === 0;
