/**
 * bubblewrap's arguments for a helper of Koda's own that enters a session's namespaces later, when commands have run in them. The session's walls
 * stand there; this confines it as a command is and makes nothing writable, so that nobody gains by changing a helper or a Node that lie in the project.
 */
export const HELPER_ARGS: readonly string[] = [
  ...["--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"],
  ...["--die-with-parent", "--new-session", "--cap-drop", "ALL", "--disable-userns"],
  ...["--ro-bind", "/", "/", "--dev-bind", "/dev", "/dev", "--proc", "/proc", "--remount-ro", "/proc"],
  ...["--chdir", "/"],
];
