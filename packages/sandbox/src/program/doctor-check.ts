import type { ConfinedResult } from "../sandbox.ts";

/**
 * Where a rule is tried: in a project as usual, in the same one read-only, in a home that is the project, or in a sandbox with tight limits.
 */
export type DoctorPlace = "project" | "plan" | "home" | "limits";

/** One rule, tried out: a bash script run in a sandbox, and what must be true after it. */
export interface DoctorCheck {
  readonly rule: string;
  readonly expected: string;
  /** Absent: `project`. */
  readonly place?: DoctorPlace;
  /** Needs bash and coreutils; what else it needs, only where the site says that it is there. */
  readonly script: string;
  /** Absent: 5000. */
  readonly timeoutMs?: number;
  readonly holds: (result: ConfinedResult) => boolean | Promise<boolean>;
  /** True where output could hold what must not be told; only its length is said then. */
  readonly isSecret?: true;
}

/** What the checks find on this machine, and may look at from outside. Every path is absolute. */
export interface DoctorSite {
  /** A git repository with a submodule's git directory, a `.envrc`, and no `.mcp.json`. */
  readonly project: string;
  /** This user's own home, which no check may change however broken the sandbox is. */
  readonly home: string;
  /** A home of the doctor's own with a secret in each usual place and the files that are read at login. */
  readonly scratchHome: string;
  /** A file name that exists nowhere; checks try to create it where they must not. */
  readonly marker: string;
  /** In the scratch home's files, Koda's own data there, and in variables that no allowlist names. */
  readonly secret: string;
  /** A directory of the host's /tmp that holds a file and a listening Unix socket, `socket`. */
  readonly hostTmp: string;
  /** A listening Unix socket of the host in the project, where commands see its name. */
  readonly projectSocket: string;
  /** A TCP listener on the host's 127.0.0.1. */
  readonly hostPort: number;
  /** One that commands were given. */
  readonly grantedPort: number;
  /** A port of the host that leads to `insidePort` in the sandbox. */
  readonly publishedPort: number;
  readonly insidePort: number;
  /** Null when the proxy could not start. */
  readonly proxyPort: number | null;
  /** Perl makes system calls by number; most systems have it. */
  readonly hasPerl: boolean;
}

/** The command itself failed; that it could not be run to its end proves nothing. */
export function fails(result: ConfinedResult): boolean {
  return result.exitCode !== 0 && result.exitCode !== null;
}

export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** A shell command that runs a line of JavaScript with `argument` as `process.argv[1]`. */
export function nodeScript(code: string, argument: string): string {
  return `${quote(process.execPath)} -e ${quote(code)} ${quote(argument)}`;
}
