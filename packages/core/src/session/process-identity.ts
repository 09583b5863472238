import { readFileSync, readlinkSync } from "node:fs";
import type { LeaseOwner } from "../store/session-record.ts";

/** A lease of an owner whose death cannot be proven here (another machine, another container) ends after this silence. */
const silenceMs = 30_000;

/** This process as the owner of a lease. `token` is the caller's, fresh for each lease. */
export function toLeaseOwner(token: string, nowMs: number): LeaseOwner {
  return { token, pid: process.pid, startMarker: readStartMarker(process.pid), place: readPlace(), renewedAtMs: nowMs };
}

/**
 * Whether the process that took a lease still runs. Where its number means something here, that is seen at once, and a
 * later process with the same number does not count. Of an owner elsewhere (another container, a shared disk) only its
 * silence tells.
 */
export function isOwnerAlive(owner: LeaseOwner, here: { readonly place: string; readonly nowMs: number }): boolean {
  if (owner.place !== here.place) return here.nowMs - owner.renewedAtMs < silenceMs;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    // EPERM: it runs, as another user.
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return false;
  }
  const marker = readStartMarker(owner.pid);
  return marker === "" || owner.startMarker === "" || marker === owner.startMarker;
}

/** The clock tick at which a process started; empty where the system does not tell. */
function readStartMarker(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // Field 22, counted after the program's name, which may itself hold spaces and parentheses (proc(5)).
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    // Not Linux, or gone: the process number alone has to do.
    return "";
  }
}

/** Within one boot and one pid namespace (namespaces(7)) a process number names one process. */
function readPlace(): string {
  try {
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    // Not Linux: there are no pid namespaces, and the same machine is assumed.
    return "";
  }
}

/** For those who look on from this process: whether the process that has a session open still runs. */
export function isLeaseOwnerAlive(now: () => number): (owner: LeaseOwner) => boolean {
  const place = readPlace();
  return (owner) => isOwnerAlive(owner, { place, nowMs: now() });
}
