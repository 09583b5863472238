import { readFileSync } from "node:fs";
import type { LeaseOwner } from "../store/session-record.ts";

/** This process as the owner of a lease. `token` is the caller's, fresh for each lease. */
export function toLeaseOwner(token: string): LeaseOwner {
  return { token, pid: process.pid, startMarker: readStartMarker(process.pid) };
}

/** Whether the process that took a lease still runs. A later process with the same number does not count. */
export function isOwnerAlive(owner: LeaseOwner): boolean {
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    // EPERM: it runs, as another user.
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return false;
  }
  const marker = readStartMarker(owner.pid);
  return marker === "" || owner.startMarker === "" || marker === owner.startMarker;
}

/** The boot and the clock tick at which a process started; empty where the system does not tell. */
function readStartMarker(pid: number): string {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // Field 22, counted after the program's name, which may itself hold spaces and parentheses (proc(5)).
    const ticks = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
    return ticks === undefined ? "" : `${boot}/${ticks}`;
  } catch {
    // Not Linux, or gone: the process number alone has to do.
    return "";
  }
}
