import type { SyscallName } from "./syscall-numbers.ts";

/** What a refused call sees: a number of asm-generic/errno.h, the same on every machine here. */
export const ERRNOS = { EPERM: 1, ENOSYS: 38, EPROTONOSUPPORT: 93, EAFNOSUPPORT: 97 } as const;

/**
 * A test of one argument's low 32 bits, and of `mask` in them if given. The kernel takes each argument named here as an
 * `int` or narrower, so whatever stands in the high half, this is what it will see; a comparison of all 64 bits would
 * let `TIOCSTI | 1 << 32` through.
 */
export interface ArgumentTest {
  readonly argument: 0 | 1 | 2;
  readonly mask?: number;
  readonly is: "one of" | "none of";
  readonly values: readonly number[];
}

export interface SeccompRule {
  readonly calls: readonly SyscallName[];
  /** All must hold. Absent: the calls are refused whatever their arguments. */
  readonly when?: readonly ArgumentTest[];
  readonly answer: keyof typeof ERRNOS;
  readonly reason: string;
}

const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
const AF_NETLINK = 16;
const SOCKET_TYPE = 0xf; // SOCK_TYPE_MASK of linux/net.h: above it are SOCK_CLOEXEC and SOCK_NONBLOCK
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const [IPPROTO_DEFAULT, IPPROTO_ICMP, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMPV6] = [0, 1, 6, 17, 58];
const NETLINK_ROUTE = 0;

const TIOCSTI = 0x5412;
const TIOCLINUX = 0x541c;
const TIOCSETD = 0x5423;

const PTRACE_ATTACH = 16;
const PTRACE_SEIZE = 0x4206;

// sched.h: NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
const CLONE_NEW_ANY = 0x0002_0000 | 0x0200_0000 | 0x0400_0000 | 0x0800_0000 | 0x1000_0000 | 0x2000_0000 | 0x4000_0000;
const CLONE_NEWTIME = 0x80; // to unshare only: in clone's flags these bits are the signal sent at the end

const S_ISUID = 0o4000;

/** Linux as it is, UNAME26, PER_LINUX32 and both; without address randomisation, as debuggers and ThreadSanitizer ask; and the question. */
const PERSONALITIES = [0, 0x2_0000, 0x8, 0x2_0008, 0x4_0000, 0xffff_ffff];

const IP_FAMILY: ArgumentTest = { argument: 0, is: "one of", values: [AF_INET, AF_INET6] };

/**
 * What commands may not ask of the kernel; all else is allowed. The first rule that applies answers. Namespaces and the
 * lack of capabilities refuse most of these already: here they are refused before the code behind them runs, and
 * still are if one of those walls has a hole. Programs written for another machine (32-bit) are killed, see `seccompProgram`.
 */
export const SECCOMP_RULES: readonly SeccompRule[] = [
  {
    calls: ["socket"],
    when: [{ argument: 0, is: "none of", values: [AF_UNIX, AF_INET, AF_INET6, AF_NETLINK] }],
    answer: "EAFNOSUPPORT",
    reason: "no network namespace holds AF_VSOCK, which reaches the hypervisor; others load seldom-used kernel modules",
  },
  {
    calls: ["socketpair"],
    when: [{ argument: 0, is: "none of", values: [AF_UNIX] }],
    answer: "EAFNOSUPPORT",
    reason: "pairs are made of AF_UNIX; asking for others loads the modules of their families",
  },
  {
    calls: ["socket"],
    when: [IP_FAMILY, { argument: 1, mask: SOCKET_TYPE, is: "none of", values: [SOCK_STREAM, SOCK_DGRAM] }],
    answer: "EPERM",
    reason: "raw and packet sockets forge packets; ping has a kind of its own, which is allowed",
  },
  {
    calls: ["socket"],
    when: [
      IP_FAMILY,
      {
        argument: 2,
        is: "none of",
        values: [IPPROTO_DEFAULT, IPPROTO_ICMP, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMPV6],
      },
    ],
    answer: "EPROTONOSUPPORT",
    reason: "SCTP, DCCP, SMC, L2TP and their like lead nowhere here and load seldom-used kernel modules",
  },
  {
    calls: ["socket"],
    when: [
      { argument: 0, is: "one of", values: [AF_NETLINK] },
      { argument: 2, is: "none of", values: [NETLINK_ROUTE] },
    ],
    answer: "EPROTONOSUPPORT",
    reason:
      "name resolution lists addresses by the route protocol; firewall, audit, crypto and the rest are not for commands",
  },
  {
    calls: ["io_uring_setup", "io_uring_enter", "io_uring_register"],
    answer: "ENOSYS",
    reason: "what is done through a ring passes no filter; programs fall back, as on kernels without it",
  },
  {
    calls: ["ioctl"],
    when: [{ argument: 1, is: "one of", values: [TIOCSTI, TIOCLINUX] }],
    answer: "EPERM",
    reason: "types into the user's terminal",
  },
  {
    calls: ["ioctl"],
    when: [{ argument: 1, is: "one of", values: [TIOCSETD] }],
    answer: "EPERM",
    reason: "loads line disciplines, kernel modules for modems and buses",
  },
  {
    calls: ["ptrace"],
    when: [{ argument: 0, is: "one of", values: [PTRACE_ATTACH, PTRACE_SEIZE] }],
    answer: "EPERM",
    reason: "takes over a process that did not ask for it; a debugger may trace a program that it starts",
  },
  {
    calls: ["process_vm_readv", "process_vm_writev", "kcmp", "pidfd_getfd"],
    answer: "EPERM",
    reason: "reads, writes or takes what belongs to another process",
  },
  {
    calls: ["add_key", "keyctl", "request_key"],
    answer: "EPERM",
    reason:
      "keyrings belong to the user, not to a namespace: they hold the user's keys, and request_key starts a program outside",
  },
  {
    calls: ["bpf", "perf_event_open", "userfaultfd", "lookup_dcookie"],
    answer: "EPERM",
    reason: "observes the whole machine, or has served most exploits of the kernel",
  },
  {
    calls: ["unshare"],
    when: [{ argument: 0, mask: CLONE_NEW_ANY | CLONE_NEWTIME, is: "none of", values: [0] }],
    answer: "EPERM",
    reason: "a namespace of one's own gives capabilities, and with them the kernel's code for administrators",
  },
  {
    calls: ["clone"],
    when: [{ argument: 0, mask: CLONE_NEW_ANY, is: "none of", values: [0] }],
    answer: "EPERM",
    reason: "as unshare",
  },
  {
    calls: ["clone3"],
    answer: "ENOSYS",
    reason: "as unshare; its flags lie in memory, which no filter can read, and programs fall back to clone",
  },
  {
    calls: [
      ...(["mount", "umount2", "pivot_root", "chroot", "setns"] as const),
      ...(["fsopen", "fsconfig", "fsmount", "fspick", "move_mount"] as const),
      ...(["open_tree", "open_tree_attr", "mount_setattr"] as const),
    ],
    answer: "EPERM",
    reason: "changes what lies where: the mounts are the policy",
  },
  {
    calls: ["open_by_handle_at"],
    answer: "EPERM",
    reason: "opens files by number, past every mount",
  },
  {
    calls: ["chmod", "fchmod"],
    when: [{ argument: 1, mask: S_ISUID, is: "none of", values: [0] }],
    answer: "EPERM",
    reason: "a set-user-ID program in the project lends the user's rights to everyone else on the machine",
  },
  {
    calls: ["fchmodat", "fchmodat2"],
    when: [{ argument: 2, mask: S_ISUID, is: "none of", values: [0] }],
    answer: "EPERM",
    reason: "as chmod",
  },
  {
    calls: ["personality"],
    when: [{ argument: 0, is: "none of", values: PERSONALITIES }],
    answer: "EPERM",
    reason: "old personalities take protections of memory away",
  },
  {
    calls: ["init_module", "finit_module", "delete_module", "create_module", "kexec_load", "kexec_file_load", "reboot"],
    answer: "EPERM",
    reason: "replaces the kernel or parts of it",
  },
  {
    calls: ["settimeofday", "clock_settime", "adjtimex", "clock_adjtime"],
    answer: "EPERM",
    reason: "the clock is the whole machine's",
  },
  {
    calls: ["swapon", "swapoff", "acct", "quotactl", "quotactl_fd", "nfsservctl", "syslog", "vhangup"],
    answer: "EPERM",
    reason: "administers the whole machine; syslog shows the kernel's messages and addresses",
  },
  {
    calls: ["iopl", "ioperm", "modify_ldt", "uselib"],
    answer: "EPERM",
    reason: "for hardware and programs of the 1990s",
  },
];
