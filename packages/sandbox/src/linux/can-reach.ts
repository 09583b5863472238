import { lstatSync } from "node:fs";
import { dirname } from "node:path";

/** Whom the kernel asks about: a user as commands run, without capabilities. */
export interface Identity {
  readonly uid: number;
  readonly groups: readonly number[];
}

/** This process's own, whose id commands keep. */
export function ownIdentity(): Identity {
  return { uid: process.getuid?.() ?? -1, groups: [...(process.getgroups?.() ?? []), process.getgid?.() ?? -1] };
}

/**
 * True when the permissions of `directory` and of those above it let that user use names in it. It matters for root,
 * who outside is asked for no permission and inside, without capabilities and with no user but root known, is: neither
 * a command nor bubblewrap gets into a directory that another user keeps for himself. A directory of one's own counts
 * as open, since its permissions can be changed. Access control lists are not looked at.
 */
export function canReach(directory: string, { uid, groups }: Identity): boolean {
  for (let at = directory; ; at = dirname(at)) {
    const stats = lstatSync(at, { throwIfNoEntry: false });
    if (stats === undefined) return false;
    const bit = groups.includes(stats.gid) ? 0o010 : 0o001;
    if (stats.uid !== uid && (stats.mode & bit) === 0) return false;
    if (at === dirname(at)) return true;
  }
}
