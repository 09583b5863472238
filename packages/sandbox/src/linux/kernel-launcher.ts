import type { Launch, Launcher, LaunchRequest } from "../launch.ts";
import type { Policy } from "../policy/policy.ts";
import { commandArgs, type ReplacedDirectories } from "./bwrap-args.ts";
import { withoutDescriptors } from "./inherited-descriptors.ts";
import { surveyPaths } from "./survey-paths.ts";

/** Descriptors that bubblewrap reads its options from and reports to; the command gets neither. */
export const STATUS_DESCRIPTOR = 3;
export const OPTIONS_DESCRIPTOR = 4;

export interface KernelLauncherOptions {
  readonly policy: Policy;
  readonly replaced: ReplacedDirectories;
  readonly bwrap: string;
  readonly nsenter: string;
  readonly bash: string;
  /** As the session namespace gives them. */
  readonly enterArgs: readonly string[];
  readonly inheritedDescriptors: readonly number[];
  readonly user: { readonly uid: number; readonly gid: number };
  /** Scrubbed: the launchers run with it too, and `/proc/1/environ` shows it inside. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Commands enter the session's namespaces, then bubblewrap builds a sandbox of their own inside. */
export function createKernelLauncher(options: KernelLauncherOptions): Launcher {
  const prepare = (request: LaunchRequest): Launch => {
    const survey = surveyPaths(options.policy);
    return {
      command: withoutDescriptors(
        [
          options.nsenter,
          ...options.enterArgs,
          options.bwrap,
          ...["--json-status-fd", `${STATUS_DESCRIPTOR}`, "--args", `${OPTIONS_DESCRIPTOR}`, "--"],
          ...request.argv,
        ],
        options.inheritedDescriptors,
        options.bash,
      ),
      options: commandArgs({ ...options, ...request, survey }),
      environment: options.environment,
      cwd: "/",
      survey,
    };
  };
  return { prepare };
}
