import type { OpenPeer } from "../opened-peer.ts";
import { need, prefixPeer } from "../start-command.ts";

/** bubblewrap as it is commonly called: a read-only system, a writable project, no network, and no secret hidden. */
export const open: OpenPeer = async ({ project }) =>
  prefixPeer([
    need("bwrap", "apt-get install bubblewrap"),
    ...["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp", "--tmpfs", "/run"],
    ...["--bind", project, project, "--chdir", project],
    ...["--unshare-all", "--die-with-parent", "--new-session", "--"],
  ]);
