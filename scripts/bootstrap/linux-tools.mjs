import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { say } from "./run.mjs";

const tools = [
  { program: "bwrap", packages: "bubblewrap" },
  { program: "nsenter", packages: "util-linux" },
];

const managers = [
  {
    program: "apt-get",
    steps: [["update"], ["install", "-y", "--no-install-recommends"]],
    env: { DEBIAN_FRONTEND: "noninteractive" },
  },
  { program: "dnf", steps: [["install", "-y"]] },
  { program: "yum", steps: [["install", "-y"]] },
  { program: "pacman", steps: [["-Sy", "--noconfirm"]] },
  { program: "zypper", steps: [["--non-interactive", "install"]] },
  { program: "apk", steps: [["add"]] },
];

const systemDirs = ["/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin"];

/** On Linux, sees to the two programs of the sandbox. What cannot be installed is named, and Koda starts all the same. */
export function ensureLinuxTools() {
  if (process.platform !== "linux") return;
  const missing = tools.filter((tool) => !isInstalled(tool.program));
  if (missing.length === 0) return;
  const names = missing.map((tool) => tool.packages);
  const manager = managers.find((candidate) => isInstalled(candidate.program));
  const prefix = process.getuid?.() === 0 ? [] : ["sudo"];
  const commands = (manager?.steps ?? []).map((step) => [
    ...prefix,
    manager.program,
    ...step,
    ...(isInstall(step) ? names : []),
  ]);
  const typed = commands.map((words) => words.join(" ")).join(" && ");

  if (manager === undefined) {
    return say(
      `The sandbox needs ${names.join(" and ")}, and no package manager known to Koda is here: install them yourself.`,
    );
  }
  if (prefix.length > 0 && !canSudo()) return say(`The sandbox needs ${names.join(" and ")}. Type:\n\n  ${typed}\n`);
  say(`The sandbox needs ${names.join(" and ")}; installing with: ${typed}`);
  for (const [program, ...args] of commands) {
    const result = spawnSync(program, args, {
      stdio: ["ignore", "ignore", 2],
      env: { ...process.env, ...manager.env },
    });
    if (result.status !== 0) return say(`That failed. Koda goes on without it; to try again, type:\n\n  ${typed}\n`);
  }
}

const isInstall = (step) => step[0] !== "update";
const isInstalled = (program) => systemDirs.some((dir) => existsSync(join(dir, program)));
const canSudo = () => isInstalled("sudo") && spawnSync("sudo", ["-n", "true"], { stdio: "ignore" }).status === 0;
