import { expect, test } from "vitest";
import type { Policy } from "../policy/policy.ts";
import { type CommandArgsOptions, commandArgs, sessionArgs } from "./bwrap-args.ts";

const policy: Policy = {
  projectRoot: "/tmp/my project",
  writePaths: ["/tmp/my project", "/srv/data"],
  readOnlyPaths: ["/tmp/tool"],
  readDenyPaths: [],
  privateDirs: [],
  secretPaths: [],
  quarantineDirs: [],
  home: "/home/ada",
  outerGitDir: null,
};
const replaced = { temporary: ["/tmp"], runtime: ["/run"], keptRuntime: [] };
const options: CommandArgsOptions = {
  policy,
  replaced,
  survey: {
    pinned: ["/tmp/my project/.git"],
    readOnly: ["/tmp/my project/.git/config"],
    masked: [
      { path: "/home/ada/.ssh", kind: "directory" },
      { path: "/home/ada/.netrc", kind: "file" },
    ],
    watched: [],
    absentGitDirectories: [],
  },
  isReadOnly: false,
  cwd: "/tmp/my project",
  user: { uid: 1000, gid: 1000 },
  env: { A: "b c" },
};

test("the session's namespace has a private /tmp in which only what was granted is visible", () => {
  expect(
    sessionArgs({ policy, replaced, masked: options.survey.masked, ownPaths: ["/opt/node"] }).join(" "),
  ).toMatchInlineSnapshot(
    `"--ro-bind / / --dev-bind /dev /dev --bind /proc /proc --perms 1777 --tmpfs /tmp --bind-try /tmp/my project /tmp/my project --bind-try /srv/data /srv/data --ro-bind-try /tmp/tool /tmp/tool --perms 0555 --tmpfs /home/ada/.ssh --remount-ro /home/ada/.ssh --ro-bind /dev/null /home/ada/.netrc --unshare-user --unshare-net --die-with-parent"`,
  );
});

test("a command sees a read-only system, its project, and nothing of the secrets", () => {
  expect(commandArgs(options).join(" ")).toMatchInlineSnapshot(
    `"--unshare-user --uid 1000 --gid 1000 --unshare-pid --unshare-ipc --unshare-uts --unshare-cgroup-try --die-with-parent --new-session --cap-drop ALL --disable-userns --ro-bind / / --bind /tmp /tmp --dev /dev --proc /proc --ro-bind-try /proc/sys /proc/sys --ro-bind-try /proc/sysrq-trigger /proc/sysrq-trigger --ro-bind-try /proc/irq /proc/irq --ro-bind-try /proc/bus /proc/bus --ro-bind-try /proc/fs /proc/fs --ro-bind-try /proc/acpi /proc/acpi --ro-bind-try /proc/scsi /proc/scsi --ro-bind-try /proc/driver /proc/driver --ro-bind-try /proc/mtrr /proc/mtrr --tmpfs /run --bind-try /tmp/my project /tmp/my project --bind-try /srv/data /srv/data --ro-bind-try /tmp/tool /tmp/tool --remount-ro /run --bind-try /tmp/my project/.git /tmp/my project/.git --ro-bind-try /tmp/my project/.git/config /tmp/my project/.git/config --perms 0555 --tmpfs /home/ada/.ssh --remount-ro /home/ada/.ssh --ro-bind /dev/null /home/ada/.netrc --setenv A b c --chdir /tmp/my project"`,
  );
});

test("a secret below a replaced directory needs no mask, unless it lies in what was bound back in", () => {
  const masked = [
    { path: "/tmp/home/.ssh", kind: "directory" as const },
    { path: "/tmp/my project/.netrc", kind: "file" as const },
  ];
  const session = sessionArgs({ policy, replaced, masked, ownPaths: [] });
  const command = commandArgs({ ...options, survey: { ...options.survey, masked } });
  for (const args of [session, command]) {
    expect(args).not.toContain("/tmp/home/.ssh");
    expect(args).toContain("/tmp/my project/.netrc");
  }
});

test("in plan mode no directory but the temporary ones is bound writable", () => {
  const args = commandArgs({ ...options, isReadOnly: true });
  const writable = args.filter((_, index) => /^--bind/.test(args[index - 1] ?? ""));
  expect(writable).toEqual(["/tmp"]);
});
