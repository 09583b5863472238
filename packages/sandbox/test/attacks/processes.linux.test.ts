import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openAttackSite } from "./attack-site.ts";

/** Only where the first process is the sandbox's own: a broken one must not take the machine along. */
const KILL_ALL = '[ "$(cat /proc/1/comm)" = bwrap ] && kill -9 -1';

test("processes outside are not seen, signalled, traced or written to [LN-12]", async () => {
  const victim: ChildProcess = spawn("sleep", ["60"], { stdio: "ignore" });
  try {
    await using it = await openAttackSite();
    const { output } = await it.sh(
      `for p in ${victim.pid} ${process.pid}; do kill -9 $p; kill -9 -$p; echo x > /proc/$p/mem; cat /proc/$p/environ; done; ls -d /proc/[0-9]* | wc -l`,
    );
    const seen = Number(output.trim().split("\n").at(-1));
    expect(seen).toBeLessThan(8);
    expect(victim.exitCode ?? victim.signalCode).toBeNull();
    await it.sh(KILL_ALL); // everything that it can reach: itself
    expect(victim.exitCode ?? victim.signalCode).toBeNull();
    expect((await it.sh("echo on")).output).toBe("on\n");
  } finally {
    victim.kill("SIGKILL");
  }
});

test("a command has no capability, gains none, and gets no new user namespace [LN-20] [LN-21] [LF-19]", async () => {
  await using it = await openAttackSite();
  const status = (await it.sh("cat /proc/self/status")).output;
  for (const set of ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"])
    expect(status).toMatch(new RegExp(`^${set}:\t0+$`, "m"));
  expect(status).toMatch(/^NoNewPrivs:\t1$/m);
  const tries = [
    "unshare -Urm true",
    "unshare --user true",
    "unshare -r chroot /",
    "mount -t tmpfs none /mnt",
    "mount --bind / /mnt",
    "umount /tmp",
    "chroot / true",
    "mknod dev b 8 0",
    "mknod dev2 c 1 1",
    "modprobe dummy",
    "sudo -n true",
    "su -c true nobody",
    "nsenter -t 1 -m true",
    "mount -o remount,rw /",
    `umount ${it.project}/.git/config`,
  ];
  const passed: string[] = [];
  for (const script of tries) if ((await it.sh(script)).exitCode === 0) passed.push(script);
  expect(passed).toEqual([]);
  expect(existsSync(join(it.project, "dev"))).toBe(false);
});

test("/dev holds no device of this machine, and /dev/shm is the sandbox's own [LF-18]", async () => {
  await using it = await openAttackSite();
  const devices = (await it.sh("ls /dev; find /dev -type b; echo x > /dev/shm/koda-attack; ls /dev/shm")).output;
  expect(devices).not.toMatch(/^(?:sd|vd|nvme|loop|kmsg|kvm|fuse|mem|port|tun|net|input|dri|snd|vsock|vhost)/m);
  expect(devices).toContain("koda-attack");
  expect(existsSync("/dev/shm/koda-attack")).toBe(false);
  expect((await it.sh("echo x > /sys/power/state")).exitCode).not.toBe(0);
});

test("stdin of a command is empty: keys typed to Koda are not its own [LN-10]", async () => {
  await using it = await openAttackSite();
  expect((await it.sh("cat; readlink /proc/self/fd/0; tty")).output).toContain("/dev/null\nnot a tty\n");
  const terminal = await it.sh("exec 3<>/dev/tty");
  expect(terminal.exitCode).not.toBe(0);
});

test("another spelling of a program or path opens nothing [LN-23]", async () => {
  await using it = await openAttackSite({ files: { "home/.ssh/id": "canary-5e1f" } });
  const { output } = await it.sh(
    [
      `/lib64/ld-linux-x86-64.so.2 /bin/cat ${it.home}/.ssh/id`,
      `/proc/self/root/usr/bin/cat /proc/self/root${it.home}/.ssh/id`,
      `cp /bin/cat mycat; ./mycat ${it.home}/.ssh/id`,
      `cd ${it.home}; cat .ssh/../.ssh/id`,
      `/lib64/ld-linux-x86-64.so.2 /bin/cp /etc/hostname ${it.home}/planted`,
    ].join("; "),
  );
  expect(output).not.toContain("canary");
  expect(existsSync(join(it.home, "planted"))).toBe(false);
});

test("the keys and names of this session are not the command's: hostname and IPC objects [LN-26]", async () => {
  await using it = await openAttackSite();
  const inside = (
    await it.sh(
      "readlink /proc/self/ns/ipc /proc/self/ns/uts /proc/self/ns/pid /proc/self/ns/user /proc/self/ns/net; ipcs -a | grep -c 0x; true",
    )
  ).output;
  const kinds = ["ipc", "uts", "pid", "user", "net"];
  const own = kinds.map((kind) => statSync(`/proc/self/ns/${kind}`).ino);
  for (const inode of own) expect(inside).not.toContain(String(inode));
});
