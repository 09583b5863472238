import type { ResourceLimits } from "../policy/limits.ts";
import { type DoctorCheck, fails } from "./doctor-check.ts";

/** Those of the sandbox that `limitChecks` are tried in; as tight as a shell and a few tools can bear. */
export const DOCTOR_LIMITS: Partial<ResourceLimits> = {
  memoryBytes: 256 * 1024 * 1024,
  processes: 64,
  cpuSeconds: 5,
  fileBytes: 1024 * 1024,
  openFiles: 64,
};

/** What the kernel bounds for single processes everywhere. Bounds for all processes together need a cgroup: see `advise`. */
export function limitChecks(): readonly DoctorCheck[] {
  return [
    {
      rule: "no file grows beyond its limit",
      expected: "writing 2 MiB of 1 MiB fails",
      place: "limits",
      script: "head -c 2M /dev/zero > big",
      holds: fails,
    },
    {
      rule: "no process has more descriptors than its limit, or raises it",
      expected: "64",
      place: "limits",
      script: "ulimit -n 65 2>/dev/null || ulimit -Hn",
      holds: (result) => result.output.trim() === "64",
    },
    {
      rule: "no process takes more memory than its limit",
      expected: "taking 512 MiB of 256 MiB fails",
      place: "limits",
      script: "set -o pipefail; head -c 512M /dev/zero | tail -n 1 > /dev/null",
      holds: (result) => result.exitCode !== 0,
    },
    {
      rule: "processor time has its limit",
      expected: "5 s for each process",
      place: "limits",
      script: "ulimit -St",
      holds: (result) => result.output.trim() === "5",
    },
    {
      rule: "no core is dumped",
      expected: "0",
      script: "ulimit -Hc",
      holds: (result) => result.output.trim() === "0",
    },
  ];
}
