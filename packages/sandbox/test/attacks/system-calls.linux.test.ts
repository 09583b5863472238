import { existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SYSCALL_NUMBERS, type SyscallName } from "../../src/linux/seccomp/syscall-numbers.ts";
import { openTestSandbox, type TestSandbox } from "../open-test-sandbox.ts";
import { program32 } from "./program-32.ts";

let it: TestSandbox;
beforeAll(async () => {
  it = await openTestSandbox();
});
afterAll(() => it[Symbol.asyncDispose]());

const EPERM = 1;
const ENOSYS = 38;
const EPROTONOSUPPORT = 93;
const EAFNOSUPPORT = 97;
const WIDE = 2 ** 32; // a bit that the kernel ignores in an `int`

/** Makes one system call in a confined process, and gives back the error number, 0 for success. A string is passed by address. */
async function call(name: SyscallName, ...args: readonly (number | string)[]): Promise<number> {
  return callNumber(SYSCALL_NUMBERS[name][process.arch as "x64" | "arm64"] ?? -1, args);
}

async function callNumber(number: number, args: readonly (number | string)[]): Promise<number> {
  const list = args.map((value) => (typeof value === "number" ? `${value}` : `my $a = "${value}"`)).join(", ");
  const { output, exitCode } = await it.sandbox.run({
    argv: ["perl", "-e", `print syscall(${number}${list === "" ? "" : `, ${list}`}) < 0 ? $! + 0 : 0`],
    clientId: "call-1",
    isReadOnly: false,
    timeoutMs: 20_000,
  });
  if (exitCode !== 0) throw new Error(`perl ended with ${exitCode}: ${output}`);
  return Number(output);
}

test("every command runs under a filter and without a way to new privileges [LN-21]", async () => {
  const { output } = await it.sh("grep -E '^(Seccomp|NoNewPrivs|CapEff|CapPrm|CapBnd|CapAmb):' /proc/self/status");
  expect(output.replaceAll("\t", " ")).toBe(
    `${["CapPrm", "CapEff", "CapBnd", "CapAmb"].map((set) => `${set}: 0000000000000000\n`).join("")}NoNewPrivs: 1\nSeccomp: 2\n`,
  );
});

describe("sockets [LN-01, LN-06]", () => {
  test.each([
    ["AF_VSOCK, which reaches the hypervisor", [40, 1, 0], EAFNOSUPPORT],
    ["AF_PACKET", [17, 3, 0], EAFNOSUPPORT],
    ["AF_PACKET by its old name", [2, 10, 0], EPERM],
    ["AF_ALG", [38, 5, 0], EAFNOSUPPORT],
    ["AF_TIPC", [30, 1, 0], EAFNOSUPPORT],
    ["AF_VSOCK with a bit beyond an int", [40 + WIDE, 1, 0], EAFNOSUPPORT],
    ["a raw socket", [2, 3, 255], EPERM],
    ["a raw socket that closes on exec", [10, 0x80003, 58], EPERM],
    ["SCTP", [2, 1, 132], EPROTONOSUPPORT],
    ["the firewall's netlink", [16, 3, 12], EPROTONOSUPPORT],
  ])("%s cannot be opened", async (_, args, errno) => {
    expect(await call("socket", ...args)).toBe(errno);
  });

  test.each([
    ["AF_UNIX", [1, 1, 0]],
    ["TCP", [2, 1, 6]],
    ["UDP over IPv6", [10, 2, 0]],
    ["the address list's netlink", [16, 3, 0]],
  ])("%s can", async (_, args) => {
    expect(await call("socket", ...args)).toBe(0);
  });
});

describe("what passes every other wall", () => {
  test("io_uring, which no filter sees, is not there [LN-07]", async () => {
    expect(await call("io_uring_setup", 1, "\\0".repeat(200))).toBe(ENOSYS);
  });

  test.each([
    ["keyctl", [0, -3, 0]], // KEYCTL_GET_KEYRING_ID of the session: the user's own
    ["add_key", ["user", "koda", "secret", 6, -3]],
    ["request_key", ["user", "koda", 0, 0]],
    ["bpf", [0, 0, 0]],
    ["perf_event_open", [0, 0, -1, -1, 0]],
    ["userfaultfd", [1]],
    ["syslog", [10, 0, 0]],
  ] as const)("%s is refused [LN-26]", async (name, args) => {
    expect(await call(name, ...args)).toBe(EPERM);
  });

  test.each([
    ["mount", ["none", "/tmp", "tmpfs", 0, 0]],
    ["umount2", ["/tmp", 2]],
    ["chroot", ["/tmp"]],
    ["fsopen", ["tmpfs", 0]],
    ["open_tree", [-100, "/", 1]],
    ["setns", [0, 0]],
    ["unshare", [0x1000_0000]],
    ["unshare", [0x1000_0000 + WIDE]],
    ["open_by_handle_at", [-100, "x", 0]],
    ["personality", [0x40_0000]],
    ["personality", [0x40_0000 + WIDE]],
    ["reboot", [0, 0, 0]],
  ] as const)("%s of %j is refused [LF-19, LN-20]", async (name, args) => {
    expect(await call(name, ...args)).toBe(EPERM);
  });

  test("clone3, whose flags no filter can read, is not there; processes start without it [LN-08]", async () => {
    expect(await call("clone3", 0, 0)).toBe(ENOSYS);
    expect((await it.sh("(echo from a child | cat)")).output).toBe("from a child\n");
  });
});

describe("other processes of the command [LN-12]", () => {
  const victim = "sleep 60 & ";

  test("one cannot be taken over", async () => {
    const attach = (request: number): string =>
      `perl -e 'print syscall(${SYSCALL_NUMBERS.ptrace[process.arch as "x64"]}, ${request}, $ARGV[0] + 0, 0, 0) < 0 ? $! + 0 : 0, " "' $!; `;
    const { output } = await it.sh(`${victim}${attach(16)}${attach(0x4206)}${attach(16 + WIDE)}kill $!`);
    expect(output).toBe(`${EPERM} ${EPERM} ${EPERM} `);
  });

  test("a debugger may trace a program that it starts", async () => {
    expect(await call("ptrace", 0, 0, 0, 0)).toBe(0);
  });

  test.each(["process_vm_readv", "process_vm_writev"] as const)("%s is refused", async (name) => {
    expect(await call(name, 1, 0, 0, 0, 0, 0)).toBe(EPERM);
  });
});

describe("a terminal [LN-09]", () => {
  test.each([
    ["TIOCSTI", 0x5412],
    ["TIOCSTI with a bit beyond an int", 0x5412 + WIDE],
    ["TIOCLINUX", 0x541c],
    ["TIOCSETD", 0x5423],
  ])("%s is refused on a terminal of the command's own", async (_, request) => {
    const number = SYSCALL_NUMBERS.ioctl[process.arch as "x64" | "arm64"];
    writeFileSync(
      join(it.project, "type.pl"),
      `my $key = "x"; print -t STDIN ? "tty " : "none ", syscall(${number}, 0, ${request}, $key) < 0 ? $! + 0 : 0`,
    );
    const { output } = await it.sh("script -qec 'perl type.pl' /dev/null < /dev/null");
    expect(output.trim()).toContain(`tty ${EPERM}`);
  });
});

describe("other machines' system calls [LN-08]", () => {
  test("a 32-bit program is killed at its first call", async () => {
    const marker = join(it.project, "made-by-32-bit");
    writeFileSync(join(it.project, "program-32"), program32("made-by-32-bit"), { mode: 0o755 });
    await it.sh("./program-32");
    expect(existsSync(marker)).toBe(false);
  });

  test("an x32 number means nothing", async () => {
    expect(await callNumber(0x4000_0000 + 41, [1, 1, 0])).toBe(ENOSYS);
  });
});

test("no set-user-ID program can be left in the project [LF-21]", async () => {
  await it.sh(`
    mkdir set-id && cd set-id
    cp /bin/true a; chmod 4755 a; chmod u+s a
    install -m 4755 /bin/true b
    perl -MFcntl -e 'umask 0; sysopen(F, "c", O_CREAT|O_RDWR, 04755); syswrite F, "x"; sysopen(G, "d", O_CREAT|O_RDWR, 04755); truncate G, 1'
    cp /bin/true e; perl -e 'open F, "<", "e"; chmod 04755, *F'
    true`);
  const files = readdirSync(join(it.project, "set-id"));
  expect(files).toEqual(["a", "b", "c", "d", "e"]);
  for (const file of files) {
    const { mode, size } = statSync(join(it.project, "set-id", file));
    expect([file, mode & 0o4000, size > 0]).toEqual([file, 0, true]);
  }
});

test("a directory can still be made to pass on its group, as git does for shared repositories", async () => {
  expect(await it.sh("git init --quiet --shared=group shared.git --bare && stat -c %A shared.git")).toMatchObject({
    output: expect.stringMatching(/^drwxrws/),
  });
});
