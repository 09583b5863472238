import type { Launch, Launcher, LaunchRequest } from "../launch.ts";
import type { ResourceLimits } from "../policy/limits.ts";
import type { Policy } from "../policy/policy.ts";
import { commandArgs, type ReplacedDirectories } from "./bwrap-args.ts";
import type { SessionCgroup } from "./cgroup.ts";
import { readHostSockets } from "./host-sockets.ts";
import { withoutDescriptors } from "./inherited-descriptors.ts";
import type { SandboxTools } from "./probe.ts";
import { recallDirectories } from "./recall-directories.ts";
import { type HardLimits, prlimitArgs } from "./resource-limits.ts";
import { type PathSurvey, surveyPaths } from "./survey-paths.ts";
import { compareWalls, missingWalls, type Walls } from "./walls.ts";

/** Descriptors that bubblewrap reports to and reads from; the command gets none of them. */
export const STATUS_DESCRIPTOR = 3;
export const OPTIONS_DESCRIPTOR = 4;
export const SECCOMP_DESCRIPTOR = 5;

export interface KernelLauncherOptions {
  readonly policy: Policy;
  readonly limits: ResourceLimits;
  readonly hardLimits: HardLimits;
  readonly replaced: ReplacedDirectories;
  readonly tools: SandboxTools;
  /** As the session namespace gives them. */
  readonly enterArgs: readonly string[];
  /** The walls that stand in the session's namespace. */
  readonly standing: Walls;
  /** As `seccompProgram` gives it. */
  readonly systemCallFilter: Buffer;
  readonly cgroup: SessionCgroup | null;
  readonly inheritedDescriptors: readonly number[];
  readonly user: { readonly uid: number; readonly gid: number };
  /** Scrubbed: the launchers run with it too, and `/proc/1/environ` shows it inside. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Commands get their limits, enter the session's namespaces, and then bubblewrap builds a sandbox of their own inside. */
export function createKernelLauncher(options: KernelLauncherOptions): Launcher {
  const { tools, policy, standing } = options;
  const limited = [tools.prlimit, ...prlimitArgs(options.limits, options.hardLimits)] as const;
  const recall = recallDirectories();
  const prepare = (request: LaunchRequest): Launch => {
    const lookAtPaths = (): PathSurvey =>
      surveyPaths(policy, readHostSockets(policy, options.replaced, request.fleeting), recall);
    const survey = lookAtPaths();
    return {
      command: withoutDescriptors(
        [
          ...limited,
          ...[tools.nsenter, ...options.enterArgs],
          ...[tools.bwrap, "--json-status-fd", `${STATUS_DESCRIPTOR}`, "--args", `${OPTIONS_DESCRIPTOR}`, "--"],
          ...request.argv,
        ],
        options.inheritedDescriptors,
        tools.bash,
      ),
      confinement: {
        options: commandArgs({
          ...options,
          ...request,
          walls: missingWalls(survey, standing),
          seccompDescriptor: SECCOMP_DESCRIPTOR,
        }),
        systemCallFilter: options.systemCallFilter,
        cgroup: options.cgroup,
      },
      environment: options.environment,
      cwd: "/",
      survey,
      changesSince: () => compareWalls(survey, lookAtPaths()),
    };
  };
  return { prepare };
}
