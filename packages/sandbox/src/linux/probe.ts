import { existsSync, lstatSync, readFileSync } from "node:fs";
import type { Policy } from "../policy/policy.ts";
import type { ReplacedDirectories } from "./bwrap-args.ts";
import { findLauncher, type LauncherSearch } from "./find-launcher.ts";

/** The programs that build a sandbox, by absolute path. */
export interface SandboxTools {
  readonly bwrap: string;
  readonly nsenter: string;
  readonly prlimit: string;
  readonly mount: string;
  readonly bash: string;
}

export type ToolProbe =
  | { readonly kind: "ready"; readonly tools: SandboxTools }
  /** `reason` says what is missing and what to type. */
  | { readonly kind: "unavailable"; readonly reason: string };

/** Looks for the programs. Having them is not enough: `openSandbox` also runs a command through them before it promises anything. */
export function probeTools(options: { readonly searchPath: string; readonly policy: Policy }): ToolProbe {
  if (process.platform !== "linux") {
    const wanted =
      process.platform === "win32" ? "use WSL 2, where it is as on Linux" : "Linux and macOS are supported";
    return { kind: "unavailable", reason: `commands cannot be confined on ${process.platform}: ${wanted}` };
  }
  const search = (name: string): LauncherSearch =>
    findLauncher({ name, searchPath: options.searchPath, writableDirectories: options.policy.writePaths });
  const problems: string[] = [];
  const find = (name: string): string => {
    const found = search(name);
    if (found.kind === "found") return found.path;
    problems.push(describeSearch(found));
    return "";
  };
  const [bwrap, nsenter, prlimit] = [find("bwrap"), find("nsenter"), find("prlimit")];
  const tools = { bwrap, nsenter, prlimit, mount: find("mount"), bash: find("bash") };
  return problems.length === 0 ? { kind: "ready", tools } : { kind: "unavailable", reason: problems.join("; ") };
}

/** Why a namespace that should have opened did not, with what to type; `complaint` is what the programs said. */
export function explainNamespaceFailure(complaint: string): string {
  const said = complaint.split("\n")[0] ?? "";
  const setting = NAMESPACE_SETTINGS.find(({ path, bad }) => readSetting(path) === bad);
  const advice =
    setting === undefined
      ? "in a container, allow user namespaces (for Docker: --security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined)"
      : `type: ${setting.command}`;
  return `the kernel refused to confine a command (${said}); ${advice}`;
}

/** `/tmp` and `/run` of this machine, as far as they are real directories. */
export function findReplacedDirectories(): ReplacedDirectories {
  return {
    temporary: ["/tmp", "/var/tmp"].filter(isRealDirectory),
    runtime: ["/run", "/var/run"].filter(isRealDirectory),
    keptRuntime: ["/run/current-system", "/run/opengl-driver"].filter((path) => existsSync(path)),
  };
}

const PACKAGES: Readonly<Record<string, string>> = {
  bwrap: "bubblewrap",
  nsenter: "util-linux",
  prlimit: "util-linux",
  bash: "bash",
};

const INSTALL_COMMANDS: readonly { readonly manager: string; readonly command: string }[] = [
  { manager: "/usr/bin/apt-get", command: "sudo apt-get install -y" },
  { manager: "/usr/bin/dnf", command: "sudo dnf install -y" },
  { manager: "/usr/bin/pacman", command: "sudo pacman -S --noconfirm" },
  { manager: "/usr/bin/zypper", command: "sudo zypper install -y" },
  { manager: "/sbin/apk", command: "sudo apk add" },
];

/** Settings that forbid what bubblewrap needs, most telling first. */
const NAMESPACE_SETTINGS: readonly { readonly path: string; readonly bad: string; readonly command: string }[] = [
  { path: "/proc/sys/user/max_user_namespaces", bad: "0", command: "sudo sysctl -w user.max_user_namespaces=15000" },
  {
    path: "/proc/sys/kernel/unprivileged_userns_clone",
    bad: "0",
    command: "sudo sysctl -w kernel.unprivileged_userns_clone=1",
  },
  {
    path: "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
    bad: "1",
    command: "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
  },
];

function describeSearch(search: Exclude<LauncherSearch, { kind: "found" }>): string {
  if (search.kind === "untrusted") return `${search.path} is not trusted to start the sandbox: ${search.reason}`;
  const name = PACKAGES[search.name] ?? search.name;
  const install = INSTALL_COMMANDS.find(({ manager }) => existsSync(manager))?.command;
  return `${search.name} is not on the PATH: ${install === undefined ? `install the package ${name}` : `type: ${install} ${name}`}`;
}

function isRealDirectory(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function readSetting(path: string): string | null {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return null; // this kernel does not have it
  }
}
