import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { cgroupPlaces } from "../linux/cgroup-places.ts";

/** Something that this machine does not permit, and the command that permits it. */
export interface Advice {
  readonly missing: string;
  readonly type: string;
}

/** What `advise` looks at. Null: this kernel has no such setting, or it could not be read. */
export interface MachineFacts {
  readonly isRoot: boolean;
  /** What `bwrap --version` prints; null when it cannot be run. */
  readonly bwrapVersion: string | null;
  readonly maxUserNamespaces: string | null;
  readonly unprivilegedUserNamespaces: string | null;
  readonly restrictedByAppArmor: string | null;
  readonly isInContainer: boolean;
  /** What cgroup v2 could bound on this machine, wherever this process is; empty without it. */
  readonly controllers: readonly string[];
  /** The sandbox's own words about limits that it holds less strictly. */
  readonly limitWarnings: readonly string[];
}

/** bubblewrap's first with `--disable-userns`. */
const OLDEST_BWRAP = [0, 8] as const;
const APPARMOR_PROFILE =
  "printf 'abi <abi/4.0>,\\ninclude <tunables/global>\\nprofile bwrap /usr/bin/bwrap flags=(unconfined) {\\n  userns,\\n}\\n' | sudo tee /etc/apparmor.d/bwrap && sudo apparmor_parser -r /etc/apparmor.d/bwrap";

const UNIFIED_CGROUPS =
  "sudo sed -i 's/^GRUB_CMDLINE_LINUX=\"/&systemd.unified_cgroup_hierarchy=1 /' /etc/default/grub && sudo update-grub   # then restart";

/** What is not permitted here, most telling first; empty where nothing is missing. Settings that Koda can do without are told only when `isConfined`. */
export function advise(facts: MachineFacts, isConfined: boolean): readonly Advice[] {
  return isConfined ? adviseOnLimits(facts) : adviseOnNamespaces(facts);
}

function adviseOnNamespaces(facts: MachineFacts): readonly Advice[] {
  const version = /(\d+)\.(\d+)/.exec(facts.bwrapVersion ?? "");
  const [major, minor] = [Number(version?.[1] ?? 0), Number(version?.[2] ?? 0)];
  const isTooOld =
    version !== null && (major < OLDEST_BWRAP[0] || (major === OLDEST_BWRAP[0] && minor < OLDEST_BWRAP[1]));
  const advice: (Advice | false)[] = [
    isTooOld && {
      missing: `${facts.bwrapVersion?.trim()} is too old: 0.8 is the first that keeps commands from making user namespaces`,
      type: "sudo apt-get install -y bubblewrap/stable-backports   # or build https://github.com/containers/bubblewrap",
    },
    facts.maxUserNamespaces === "0" && {
      missing: "user namespaces are switched off (user.max_user_namespaces is 0)",
      type: "sudo sysctl -w user.max_user_namespaces=15000",
    },
    facts.unprivilegedUserNamespaces === "0" &&
      !facts.isRoot && {
        missing: "ordinary users may not make user namespaces (kernel.unprivileged_userns_clone is 0)",
        type: "sudo sysctl -w kernel.unprivileged_userns_clone=1",
      },
    facts.restrictedByAppArmor === "1" &&
      !facts.isRoot && {
        missing: "AppArmor keeps programs without a profile from using user namespaces",
        type: APPARMOR_PROFILE,
      },
    facts.isInContainer && {
      missing: "this is a container, whose own filter or masked /proc forbids what bubblewrap needs",
      type: "docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined …",
    },
  ];
  return advice.filter((each) => each !== false);
}

/** Weaker limits are no failure: single processes are bounded anyway. */
function adviseOnLimits(facts: MachineFacts): readonly Advice[] {
  if (facts.limitWarnings.length === 0) return [];
  const missing = `no cgroup for the limits of a whole command (${facts.limitWarnings.join("; ")})`;
  if (!facts.controllers.includes("memory")) {
    return [{ missing: `${missing}: the kernel was started with cgroup v1`, type: UNIFIED_CGROUPS }];
  }
  const scope = facts.isRoot ? "systemd-run --scope" : "systemd-run --user --scope";
  return [{ missing, type: `${scope} -p Delegate=yes -- koda` }];
}

/** Looks at this machine. Runs `bwrap --version`, with the PATH given. */
export function readMachineFacts(options: {
  readonly searchPath: string;
  readonly limitWarnings: readonly string[];
}): MachineFacts {
  const root = cgroupPlaces(read("/proc/self/cgroup") ?? "", read("/proc/self/mountinfo") ?? "").at(-1);
  return {
    isRoot: process.getuid?.() === 0,
    bwrapVersion: bwrapVersion(options.searchPath),
    maxUserNamespaces: read("/proc/sys/user/max_user_namespaces"),
    unprivilegedUserNamespaces: read("/proc/sys/kernel/unprivileged_userns_clone"),
    restrictedByAppArmor: read("/proc/sys/kernel/apparmor_restrict_unprivileged_userns"),
    isInContainer: existsSync("/.dockerenv") || existsSync("/run/.containerenv"),
    controllers: (root === undefined ? null : read(`${root}/cgroup.controllers`))?.split(" ") ?? [],
    limitWarnings: options.limitWarnings,
  };
}

function bwrapVersion(searchPath: string): string | null {
  try {
    return execFileSync("bwrap", ["--version"], {
      encoding: "utf8",
      env: { PATH: searchPath },
      stdio: ["ignore", "pipe", "ignore"],
    });
  } catch {
    return null; // there is none: the sandbox says so itself
  }
}

function read(path: string): string | null {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return null; // this kernel does not have it
  }
}
