import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runFilter } from "../../../test/run-filter.ts";
import { SECCOMP_RULES } from "./rules.ts";
import { seccompProgram } from "./seccomp-program.ts";
import { SYSCALL_NUMBERS, type SyscallName } from "./syscall-numbers.ts";

const ALLOW = 0x7fff0000;
const EPERM = 0x00050001;
const ENOSYS = 0x00050026;
const EPROTONOSUPPORT = 0x0005005d;
const EAFNOSUPPORT = 0x00050061;
const KILL = 0x80000000;
const AUDIT_I386 = 0x40000003;
const AUDIT_ARM = 0x40000028;
const AUDIT = { x64: 0xc000003e, arm64: 0xc00000b7 };

/** Refused whatever the arguments: name, number on x64, number on arm64 (- where there is none), answer. A copy of its own. */
const ALWAYS_REFUSED = `
  acct 163 89 EPERM|add_key 248 217 EPERM|adjtimex 159 171 EPERM|bpf 321 280 EPERM|chroot 161 51 EPERM
  clock_adjtime 305 266 EPERM|clock_settime 227 112 EPERM|clone3 435 435 ENOSYS|create_module 174 - EPERM
  delete_module 176 106 EPERM|finit_module 313 273 EPERM|fsconfig 431 431 EPERM|fsmount 432 432 EPERM
  fsopen 430 430 EPERM|fspick 433 433 EPERM|init_module 175 105 EPERM|io_uring_enter 426 426 ENOSYS
  io_uring_register 427 427 ENOSYS|io_uring_setup 425 425 ENOSYS|ioperm 173 - EPERM|iopl 172 - EPERM
  kcmp 312 272 EPERM|kexec_file_load 320 294 EPERM|kexec_load 246 104 EPERM|keyctl 250 219 EPERM
  lookup_dcookie 212 18 EPERM|modify_ldt 154 - EPERM|mount 165 40 EPERM|mount_setattr 442 442 EPERM
  move_mount 429 429 EPERM|nfsservctl 180 42 EPERM|open_by_handle_at 304 265 EPERM|open_tree 428 428 EPERM
  open_tree_attr 467 467 EPERM|perf_event_open 298 241 EPERM|pidfd_getfd 438 438 EPERM|pivot_root 155 41 EPERM
  process_vm_readv 310 270 EPERM|process_vm_writev 311 271 EPERM|quotactl 179 60 EPERM|quotactl_fd 443 443 EPERM
  reboot 169 142 EPERM|request_key 249 218 EPERM|setns 308 268 EPERM|settimeofday 164 170 EPERM|swapoff 168 225 EPERM
  swapon 167 224 EPERM|syslog 103 116 EPERM|umount2 166 39 EPERM|uselib 134 - EPERM|userfaultfd 323 282 EPERM
  vhangup 153 58 EPERM`
  .trim()
  .split(/\||\n\s*/)
  .map((row) => row.split(" "));

/** Refused for some arguments: name, number on x64, number on arm64. */
const SOMETIMES_REFUSED: readonly (readonly [SyscallName, number, number | null])[] = [
  ["chmod", 90, null],
  ["clone", 56, 220],
  ["fchmod", 91, 52],
  ["fchmodat", 268, 53],
  ["fchmodat2", 452, 452],
  ["ioctl", 16, 29],
  ["personality", 135, 92],
  ["ptrace", 101, 117],
  ["socket", 41, 198],
  ["socketpair", 53, 199],
  ["unshare", 272, 97],
];

/** Name, arguments, answer. */
const CASES: readonly (readonly [SyscallName, readonly number[], number])[] = [
  ...[1, 2, 10, 16].map((family) => ["socket", [family, 0x80801, 0], ALLOW] as const),
  ...[0, 3, 4, 9, 15, 17, 29, 30, 31, 38, 40, 43, 44, 45, 255].map(
    (family) => ["socket", [family, 1, 0], EAFNOSUPPORT] as const, // PACKET, CAN, TIPC, BLUETOOTH, ALG, VSOCK, SMC, XDP, …
  ),
  ...[3, 4, 5, 6, 10, 0x80803].map((type) => ["socket", [2, type, 6], EPERM] as const), // 10: AF_PACKET by its old name
  ["socket", [10, 3, 58], EPERM],
  ...[1, 6, 17, 58].map((protocol) => ["socket", [10, 2, protocol], ALLOW] as const),
  ...[2, 33, 115, 132, 136, 255, 256, 262].map((protocol) => ["socket", [2, 1, protocol], EPROTONOSUPPORT] as const),
  ["socket", [16, 3, 0], ALLOW],
  ...[4, 6, 9, 12, 15, 16, 21].map((protocol) => ["socket", [16, 3, protocol], EPROTONOSUPPORT] as const),
  ["socket", [1, 5, 77], ALLOW],
  ["socketpair", [1, 1, 0], ALLOW],
  ["socketpair", [2, 1, 0], EAFNOSUPPORT],
  ["socketpair", [30, 1, 0], EAFNOSUPPORT],
  ["ioctl", [0, 0x5412], EPERM], // TIOCSTI
  ["ioctl", [0, 0x541c], EPERM], // TIOCLINUX
  ["ioctl", [0, 0x5423], EPERM], // TIOCSETD
  ["ioctl", [0, 0x5401], ALLOW], // TCGETS
  ["ioctl", [0, 0x540e], ALLOW], // TIOCSCTTY, which job control in a pseudo-terminal needs
  ["ioctl", [0x5412, 0, 0x5412], ALLOW],
  ["ptrace", [0], ALLOW], // TRACEME
  ["ptrace", [16], EPERM],
  ["ptrace", [0x4206], EPERM],
  ["ptrace", [7], ALLOW], // CONT
  ["clone", [0x3d0f00], ALLOW], // a thread
  ["clone", [0x01200011], ALLOW], // fork
  ...[17, 25, 26, 27, 28, 29, 30].map((bit) => ["clone", [2 ** bit + 17], EPERM] as const),
  ...[7, 17, 25, 26, 27, 28, 29, 30].map((bit) => ["unshare", [2 ** bit], EPERM] as const),
  ...[0, 0x200, 0x400, 0x40000].map((flags) => ["unshare", [flags], ALLOW] as const), // FS, FILES, SYSVSEM
  ...[0, 0x8, 0x20000, 0x20008, 0x40000, 0xffffffff].map((value) => ["personality", [value], ALLOW] as const),
  ...[0x100000, 0x400000, 0x440000, 0x10000007].map((value) => ["personality", [value], EPERM] as const),
  ...(["chmod", "fchmod"] as const).flatMap(
    (name) =>
      [
        [name, [1, 0o2775], ALLOW],
        [name, [0o4000, 0o755], ALLOW],
        [name, [1, 0o4755], EPERM],
      ] as const,
  ),
  ...(["fchmodat", "fchmodat2"] as const).flatMap(
    (name) =>
      [
        [name, [-100, 1, 0o2775, 0], ALLOW],
        [name, [-100, 0o4000, 0o755, 0], ALLOW],
        [name, [-100, 1, 0o6755, 0], EPERM],
      ] as const,
  ),
];

const ANSWERS: Readonly<Record<string, number>> = { EPERM, ENOSYS };
const word64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const anyArguments = fc.array(word64, { minLength: 6, maxLength: 6 });

describe.each(["x64", "arm64"] as const)("on %s", (arch) => {
  const program = seccompProgram(arch);
  const auditArch = AUDIT[arch];
  const numberOf = (row: readonly unknown[]): number | null =>
    row[arch === "x64" ? 1 : 2] === "-" ? null : (row[arch === "x64" ? 1 : 2] as number | null);

  test("every call is known by the number that the kernel gives it", () => {
    const found = Object.fromEntries(Object.entries(SYSCALL_NUMBERS).map(([name, numbers]) => [name, numbers[arch]]));
    const pinned = [...ALWAYS_REFUSED, ...SOMETIMES_REFUSED].map((row) => {
      const number = numberOf(row);
      return [row[0], number === null ? null : Number(number)];
    });
    expect(found).toEqual(Object.fromEntries(pinned));
  });

  test.each(ALWAYS_REFUSED.filter((row) => numberOf(row) !== null))(
    "%s is refused whatever its arguments",
    (...row) => {
      const number = Number(numberOf(row));
      const expected = ANSWERS[row[3] ?? ""];
      fc.assert(fc.property(anyArguments, (args) => runFilter(program, { auditArch, number, args }) === expected));
    },
  );

  test.each(CASES.filter(([name]) => SYSCALL_NUMBERS[name][arch] !== null))(
    "%s of %j is answered %#x, whatever stands in the high halves",
    (name, args, expected) => {
      const number = SYSCALL_NUMBERS[name][arch] ?? -1;
      const highHalves = fc.array(fc.nat(0xffff_ffff), { minLength: args.length, maxLength: args.length });
      fc.assert(
        fc.property(highHalves, (high) => {
          const wide = args.map((low, index) => (BigInt(high[index] ?? 0) << 32n) | BigInt(low >>> 0));
          return runFilter(program, { auditArch, number, args: wide }) === expected;
        }),
      );
    },
  );

  test("every other call is allowed whatever its arguments", () => {
    const ruled = new Set<number | null>(Object.values(SYSCALL_NUMBERS).map((numbers) => numbers[arch]));
    for (let number = 0; number < 1024; number++) {
      if (!ruled.has(number)) expect([number, runFilter(program, { auditArch, number })]).toEqual([number, ALLOW]);
    }
    const other = fc.nat(0x3fff_ffff).filter((number) => !ruled.has(number));
    fc.assert(
      fc.property(other, anyArguments, (number, args) => runFilter(program, { auditArch, number, args }) === ALLOW),
    );
  });

  test("a call made as another machine's ends the process [LN-08]", () => {
    const others = [AUDIT_I386, AUDIT_ARM, arch === "x64" ? AUDIT.arm64 : AUDIT.x64, 0];
    for (const other of others) {
      fc.assert(
        fc.property(fc.nat(0x1ff), anyArguments, (number, args) => {
          return runFilter(program, { auditArch: other, number, args }) === KILL;
        }),
      );
    }
  });

  test("the program fits the kernel's 4096 instructions many times over", () => {
    expect(program.length % 8).toBe(0);
    expect(program.length / 8).toBeLessThan(256);
  });
});

test("x32 numbers answer ENOSYS on x64 [LN-08]", () => {
  const program = seccompProgram("x64");
  const x32 = fc.integer({ min: 0x4000_0000, max: 0xffff_ffff });
  fc.assert(fc.property(x32, (number) => runFilter(program, { auditArch: AUDIT.x64, number }) === ENOSYS));
});

test.each(["ia32", "arm", "riscv64", "s390x", "", "X64"])("there is no filter for %j", (arch) => {
  expect(() => seccompProgram(arch)).toThrow(expect.objectContaining({ code: "unsupported_platform" }));
});

test("each rule says why, and names a call", () => {
  for (const rule of SECCOMP_RULES) {
    expect(rule.reason.length).toBeGreaterThan(5);
    expect(rule.calls.length).toBeGreaterThan(0);
  }
});

test("SECURITY.md names every call that is refused", () => {
  const text = readFileSync(new URL("../../../../../SECURITY.md", import.meta.url), "utf8");
  const missing = SECCOMP_RULES.flatMap((rule) => rule.calls).filter((name) => !text.includes(`\`${name}\``));
  expect(missing).toEqual([]);
});
