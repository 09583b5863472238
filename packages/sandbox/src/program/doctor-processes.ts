import { readdirSync, readFileSync } from "node:fs";
import { SYSCALL_NUMBERS, type SyscallName } from "../linux/seccomp/syscall-numbers.ts";
import { type DoctorCheck, type DoctorSite, fails, quote } from "./doctor-check.ts";

/** What a command may do to processes and to the kernel. */
export function processChecks(site: DoctorSite): readonly DoctorCheck[] {
  const { marker } = site;
  return [
    {
      rule: "processes outside are not seen or signalled",
      expected: "no such process",
      script: `kill -0 ${process.pid}`,
      holds: fails,
    },
    {
      rule: "no privileges, and none to gain",
      expected: "no capability, no_new_privs",
      script: "grep -E 'CapEff|CapBnd|NoNewPrivs' /proc/self/status",
      holds: ({ output }) =>
        /^CapEff:\t0+$/m.test(output) && /^CapBnd:\t0+$/m.test(output) && /^NoNewPrivs:\t1$/m.test(output),
    },
    {
      rule: "no further user namespace",
      expected: "unshare fails",
      script: "unshare --user true",
      holds: fails,
    },
    {
      rule: "nothing is mounted or unmounted",
      expected: "mount and umount fail",
      script: "! mount -t tmpfs none /mnt && ! umount /tmp && exit 9",
      holds: (result) => result.exitCode === 9,
    },
    {
      rule: "a terminal is not Koda's",
      expected: "no terminal, and nothing on stdin",
      script: "exec 3<>/dev/tty",
      holds: fails,
    },
    {
      rule: "nothing is left running",
      expected: "a detached process is gone when the command ends",
      script: `setsid bash -c 'trap "" TERM HUP; exec -a ${quote(marker)} sleep 600' >/dev/null 2>&1 & sleep 0.05`,
      holds: () => !isRunning(marker),
    },
    {
      rule: "a time limit ends the whole tree",
      expected: "killed, with its children",
      script: `trap "" TERM; setsid bash -c 'exec -a ${quote(`late-${marker}`)} sleep 600' & while :; do sleep 1; done`,
      timeoutMs: 100,
      holds: (result) => result.isTimedOut && !isRunning(`late-${marker}`),
    },
    {
      rule: "a filter of system calls is in force",
      expected: "Seccomp: 2",
      script: "grep Seccomp: /proc/self/status",
      holds: ({ output }) => /^Seccomp:\t2$/m.test(output),
    },
    ...(site.hasPerl ? systemCallChecks() : []),
  ];
}

/** The filter's answers: EPERM, ENOSYS, EAFNOSUPPORT. Another number is what the kernel's own code said: the call got through. */
const REFUSED = /: (?:1|38|97)$/;

/** Each calls the kernel by number and says which calls were not refused. */
function systemCallChecks(): readonly DoctorCheck[] {
  const families: readonly (readonly [rule: string, expected: string, calls: Readonly<Record<string, string>>])[] = [
    [
      "no socket families but IP, Unix and netlink",
      "AF_VSOCK AF_PACKET AF_ALG AF_TIPC refused",
      {
        AF_VSOCK: call("socket", "40, 1, 0"),
        AF_PACKET: call("socket", "17, 3, 0"),
        AF_ALG: call("socket", "38, 5, 0"),
        AF_TIPC: call("socket", "30, 5, 0"),
        raw: call("socket", "2, 3, 1"),
      },
    ],
    ["no io_uring", "refused", { io_uring_setup: call("io_uring_setup", "1, my $p = chr(0) x 120") }],
    [
      "no keyrings of the user",
      "refused",
      {
        keyctl: call("keyctl", "0, -3, 0"),
        add_key: call("add_key", 'my $t = "user", my $n = "koda", my $v = "x", 1, -3'),
      },
    ],
    [
      "no view of the machine: bpf, perf, userfaultfd",
      "refused",
      {
        bpf: call("bpf", "0, my $p = chr(0) x 120, 120"),
        perf_event_open: call("perf_event_open", "my $p = chr(0) x 120, 0, -1, -1, 0"),
        userfaultfd: call("userfaultfd", "1"),
      },
    ],
    [
      "no keys typed into a terminal",
      "TIOCSTI and TIOCLINUX refused on any descriptor",
      {
        TIOCSTI: call("ioctl", "0, 0x5412, my $p = chr(0) x 8"),
        "TIOCSTI + 2^32": call("ioctl", "0, 0x100005412, my $p = chr(0) x 8"),
      },
    ],
  ];
  return families.map(([rule, expected, calls]) => ({
    rule,
    expected,
    script: Object.entries(calls)
      .map(
        ([name, code]) => `perl -e ${quote(`my $r = ${code}; print "${name}: ", $r < 0 ? $! + 0 : "passed", "\\n"`)}`,
      )
      .join("; "),
    holds: ({ output }) =>
      output
        .trim()
        .split("\n")
        .filter((line) => REFUSED.test(line)).length === Object.keys(calls).length,
  }));
}

function call(name: SyscallName, args: string): string {
  const numbers = SYSCALL_NUMBERS[name];
  const number = process.arch === "arm64" ? numbers.arm64 : numbers.x64; // no other machine gets as far as a check
  return `syscall(${number}, ${args})`;
}

function isRunning(name: string): boolean {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .some((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0")[0] === name;
      } catch {
        return false; // ended meanwhile
      }
    });
}
