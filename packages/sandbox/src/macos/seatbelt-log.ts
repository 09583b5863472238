import type { Violation } from "../violations.ts";

/** One denial as the kernel logged it. */
export interface SeatbeltDenial {
  readonly processName: string;
  readonly pid: number;
  /** Name of the operation in the profile language: `file-write-create`, `network-outbound`, … */
  readonly operation: string;
  /** What it was about: a path, an address, a service. Empty where the kernel names nothing. */
  readonly target: string;
}

/**
 * Reads a line of `log stream --style ndjson`. Null for anything but a denial of a profile with this `tag`, logged by the kernel's own sandbox: any
 * program can log a line that looks like one.
 */
export function parseSeatbeltLog(line: string, tag: string): SeatbeltDenial | null {
  const entry = parseObject(line);
  const { eventMessage: message, processImagePath, senderImagePath } = entry;
  if (typeof message !== "string" || processImagePath !== "/kernel" || typeof senderImagePath !== "string") return null;
  if (!senderImagePath.endsWith("/Sandbox.kext/Contents/MacOS/Sandbox")) return null;
  const found = DENIAL.exec(message);
  if (found === null || found[5]?.trim() !== tag) return null;
  const [, processName = "", pid = "", operation = "", target = ""] = found;
  return { processName, pid: Number(pid), operation, target };
}

/** `Sandbox: bash(123) deny(1) file-write-create /private/etc/x`, and the profile's message on a line of its own. */
const DENIAL = /^Sandbox: (.+)\((\d+)\) deny\(\d+\) ([a-z*-]+) ?([^\n]*)\n([^\n]*)$/;

/** A denial in words for its author. */
export function fromDenial({ processName, operation, target }: SeatbeltDenial): Violation {
  const kind = operation.startsWith("file") ? "file" : operation.startsWith("network") ? "network" : "process";
  const about = target === "" ? "" : ` of ${JSON.stringify(target)}`;
  return { kind, message: `${operation}${about} by ${JSON.stringify(processName)} was denied` };
}

function parseObject(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {}; // its fields are checked one by one
  } catch {
    return {}; // the program's own first line is no JSON
  }
}
