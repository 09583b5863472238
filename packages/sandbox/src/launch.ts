import type { SessionCgroup } from "./linux/cgroup.ts";
import type { PathSurvey } from "./linux/survey-paths.ts";
import type { WallChanges } from "./linux/walls.ts";

/** One command, ready to be started: how, and under what. */
export interface Launch {
  /** Absolute programs first: launchers, then the command itself. */
  readonly command: readonly [string, ...string[]];
  /** Null where bubblewrap does not confine it. */
  readonly confinement: BubblewrapInput | null;
  readonly environment: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Protected paths as they were when it was prepared. Null without confinement. */
  readonly survey: PathSurvey | null;
  /** What has become of those since: mounting over them may have failed, as sockets of this machine come and go. */
  readonly changesSince: () => WallChanges;
}

/** What bubblewrap reads from descriptors. */
export interface BubblewrapInput {
  /** Kept off the command line, where any user could read them. */
  readonly options: readonly string[];
  readonly systemCallFilter: Buffer;
  /** Null where no limit needs one, or none is to be had. */
  readonly cgroup: SessionCgroup | null;
}

export interface LaunchRequest {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly isReadOnly: boolean;
  /** On top of the scrubbed environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Sockets of this machine that went when they were to be mounted over: left alone this time. */
  readonly fleeting?: readonly string[] | undefined;
}

/** Prepares commands for one way of running them. */
export interface Launcher {
  prepare(request: LaunchRequest): Launch;
}
