import type { ReplacedDirectories } from "./bwrap-args.ts";

/**
 * bubblewrap's arguments for a helper of Koda's own that enters a session's namespaces later, when commands have run in them: as confined
 * as a command, and nothing is writable, so that a helper or Node which a command could change (both may lie in the project) gains nothing.
 */
export function helperArgs(replaced: ReplacedDirectories): string[] {
  return [
    ...["--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"],
    ...["--die-with-parent", "--new-session", "--cap-drop", "ALL", "--disable-userns"],
    ...["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"],
    ...replaced.runtime.flatMap((directory) => ["--tmpfs", directory]),
    ...replaced.keptRuntime.flatMap((directory) => ["--ro-bind-try", directory, directory]),
    ...["--chdir", "/"],
  ];
}
