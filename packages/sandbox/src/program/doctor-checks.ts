import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { ConfinedResult } from "../sandbox.ts";

/** What the checks find on this machine, and may look at from outside. */
export interface DoctorSite {
  /** A git repository with no `.mcp.json`. */
  readonly project: string;
  readonly home: string;
  /** A file name that exists nowhere; checks try to create it where they must not. */
  readonly marker: string;
  /** Passed to the sandbox in a variable that no allowlist names. */
  readonly secret: string;
  /** A directory of the host's /tmp that holds a file and a listening Unix socket, `socket`. */
  readonly hostTmp: string;
  /** A TCP listener on the host's 127.0.0.1. */
  readonly hostPort: number;
  /** Null when the proxy could not start. */
  readonly proxyPort: number | null;
}

/** One rule, tried out: a bash script run in the sandbox, and what must be true after it. */
export interface DoctorCheck {
  readonly rule: string;
  readonly expected: string;
  readonly script: string;
  /** Absent: the project is writable. */
  readonly mode?: "plan";
  readonly holds: (result: ConfinedResult) => boolean;
}

const fails = (result: ConfinedResult): boolean => result.exitCode !== 0 && result.exitCode !== null;

/** Every rule that can be tried without a network. The scripts need bash, coreutils and git; `node` runs them where bash cannot. */
export function doctorChecks(site: DoctorSite): readonly DoctorCheck[] {
  const { project, home, marker, hostTmp } = site;
  const node = quote(process.execPath);
  return [
    {
      rule: "the project is writable",
      expected: "a file appears",
      script: `echo x > ${quote(marker)}`,
      holds: () => existsSync(join(project, marker)),
    },
    {
      rule: "plan mode writes nothing",
      expected: "no file appears",
      script: `echo x > ${quote(`plan-${marker}`)}`,
      mode: "plan",
      holds: () => !existsSync(join(project, `plan-${marker}`)),
    },
    {
      rule: "the home is not written",
      expected: "no file appears",
      script: `echo x > ${quote(join(home, marker))}`,
      holds: () => !existsSync(join(home, marker)),
    },
    {
      rule: "the system is not written",
      expected: "no file appears",
      script: `echo x > ${quote(join("/etc", marker))}`,
      holds: () => !existsSync(join("/etc", marker)),
    },
    {
      rule: "kernel settings are not written",
      expected: "writing one's own value back fails",
      script: 'v=$(cat /proc/sys/vm/swappiness) && echo "$v" > /proc/sys/vm/swappiness',
      holds: fails,
    },
    {
      rule: "credentials in the home are not read",
      expected: "no readable file in .ssh .aws .gnupg .netrc …",
      script: `cd ${quote(home)} 2>/dev/null || exit 0; find .ssh .aws .gnupg .kube .netrc .git-credentials .docker/config.json -type f -exec cat {} + 2>/dev/null; true`,
      holds: (result) => result.exitCode === 0 && result.output === "",
    },
    {
      rule: "password hashes are not read",
      expected: "nothing in /etc/shadow",
      script: "cat /etc/shadow 2>/dev/null; true",
      holds: (result) => result.exitCode === 0 && result.output === "",
    },
    {
      rule: "secrets in the environment stay outside",
      expected: "not in env, /proc/self/environ, /proc/1/environ",
      script: "env; cat /proc/self/environ /proc/1/environ",
      holds: (result) => result.exitCode === 0 && !result.output.includes(site.secret),
    },
    {
      rule: "no descriptor is inherited",
      expected: "0, 1 and 2 only",
      script: "ls -l /proc/self/fd",
      holds: (result) => result.exitCode === 0 && !hasFurtherDescriptor(result.output),
    },
    {
      rule: "git hooks are not written",
      expected: "no hook appears",
      script: `echo x > .git/hooks/${quote(marker)}`,
      holds: () => !existsSync(join(project, ".git/hooks", marker)),
    },
    {
      rule: ".git is not renamed away",
      expected: ".git stays where it is",
      script: "mv .git elsewhere",
      holds: (result) => fails(result) && existsSync(join(project, ".git/HEAD")),
    },
    {
      rule: "an absent protected file is not planted",
      expected: ".mcp.json is gone when the command ends",
      script: "echo '{}' > .mcp.json",
      holds: () => !existsSync(join(project, ".mcp.json")),
    },
    {
      rule: "/tmp is private",
      expected: "the host's files are not there",
      script: `ls -A ${quote(hostTmp)}`,
      holds: fails,
    },
    {
      rule: "the host's Unix sockets are not reached",
      expected: "no connection",
      script: `${node} -e 'require("net").connect(process.argv[1]).on("connect",()=>process.exit(0)).on("error",()=>process.exit(9))' ${quote(join(hostTmp, "socket"))}`,
      holds: (result) => result.exitCode === 9 && statSync(join(hostTmp, "socket")).isSocket(),
    },
    {
      rule: "no direct connection",
      expected: "Network is unreachable",
      script: "exec 3<>/dev/tcp/1.1.1.1/443",
      holds: fails,
    },
    {
      rule: "the host's loopback is another one",
      expected: "connection refused",
      script: `exec 3<>/dev/tcp/127.0.0.1/${site.hostPort}`,
      holds: fails,
    },
    {
      rule: "the proxy refuses an unlisted host",
      expected: "403",
      script: `exec 3<>/dev/tcp/127.0.0.1/${site.proxyPort ?? 9}; printf 'CONNECT unlisted.invalid:443 HTTP/1.1\\r\\nHost: unlisted.invalid:443\\r\\n\\r\\n' >&3; read -r line <&3; echo "$line"`,
      holds: (result) => result.output.includes(" 403 "),
    },
    {
      rule: "processes outside are not signalled",
      expected: "no such process",
      script: `kill -0 ${process.pid}`,
      holds: fails,
    },
    {
      rule: "no privileges, and none to gain",
      expected: "no capability, no_new_privs",
      script: "cat /proc/self/status",
      holds: (result) => /^CapEff:\t0+$/m.test(result.output) && /^NoNewPrivs:\t1$/m.test(result.output),
    },
    {
      rule: "no further user namespace",
      expected: "unshare fails",
      script: "unshare --user true",
      holds: fails,
    },
    {
      rule: "nothing is left running",
      expected: "a detached process is gone when the command ends",
      script: `setsid bash -c 'exec -a ${quote(marker)} sleep 600' >/dev/null 2>&1 & sleep 0.05`,
      holds: () => !isRunning(marker),
    },
  ];
}

/** `ls` itself holds one more: the directory that it lists. */
function hasFurtherDescriptor(listing: string): boolean {
  return [...listing.matchAll(/ (\d+) -> (.*)$/gm)].some(
    ([, fd, target]) => Number(fd) > 2 && !/^\/proc\/\d+\/fd$/.test(target ?? ""),
  );
}

function isRunning(name: string): boolean {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .some((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0")[0] === name;
      } catch {
        return false; // ended meanwhile
      }
    });
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
