import { expect, test } from "vitest";
import { defaultLimits } from "../policy/limits.ts";
import type { Policy } from "../policy/policy.ts";
import {
  type CommandArgsOptions,
  commandArgs,
  countEmptyDescriptors,
  type SessionArgsOptions,
  sessionArgs,
} from "./bwrap-args.ts";
import type { Walls } from "./walls.ts";

const policy: Policy = {
  projectRoot: "/tmp/my project",
  writePaths: ["/tmp/my project", "/srv/data"],
  readOnlyPaths: ["/tmp/tool"],
  readOnlyGlobs: [],
  readDenyPaths: [],
  readDenyGlobs: [],
  isReadOnly: false,
  hosts: {},
  limits: defaultLimits,
  privateDirs: [],
  secretPaths: [],
  quarantineDirs: [],
  home: "/home/ada",
  outerGitDir: null,
};
const replaced = { temporary: ["/tmp"], runtime: ["/run"], keptRuntime: [] };
const at = (path: string) => ({ path, identity: "1" });
const walls: Walls = {
  pinned: [at("/tmp/my project/.git")],
  readOnly: [at("/tmp/my project/.git/config")],
  masked: [
    { ...at("/home/ada/.ssh"), kind: "directory" },
    { ...at("/home/ada/.netrc"), kind: "file" },
  ],
  covered: [],
};
const session: SessionArgsOptions = {
  policy,
  replaced,
  walls,
  ownPaths: ["/opt/node"],
  terminal: null,
  firstEmptyDescriptor: 4,
};
const command: CommandArgsOptions = {
  policy,
  replaced,
  walls,
  isReadOnly: false,
  cwd: "/tmp/my project",
  user: { uid: 1000, gid: 1000 },
  seccompDescriptor: 5,
  env: { A: "b c" },
};

test("the session's namespace has all walls, and a private /tmp in which only what was granted is visible", () => {
  expect(sessionArgs(session).join(" ")).toMatchInlineSnapshot(
    `"--ro-bind / / --bind /proc /proc --dev /dev --perms 1777 --tmpfs /dev/shm --perms 0444 --file 5 /dev/.koda-empty --remount-ro /dev --perms 1777 --tmpfs /tmp --tmpfs /run --bind-try /tmp/my project /tmp/my project --bind-try /srv/data /srv/data --ro-bind-try /tmp/tool /tmp/tool --bind-try /tmp/my project/.git /tmp/my project/.git --remount-ro /run --ro-bind-try /tmp/my project/.git/config /tmp/my project/.git/config --perms 0555 --tmpfs /home/ada/.ssh --remount-ro /home/ada/.ssh --ro-bind-data 4 /home/ada/.netrc --unshare-user --uid 0 --gid 0 --unshare-net --cap-drop ALL --cap-add CAP_SYS_ADMIN --cap-add CAP_SYS_PTRACE --cap-add CAP_KILL"`,
  );
});

test("a command sees a read-only system, its project, and the walls that are new", () => {
  expect(commandArgs(command).join(" ")).toMatchInlineSnapshot(
    `"--unshare-user --uid 1000 --gid 1000 --unshare-pid --unshare-ipc --unshare-uts --unshare-cgroup-try --die-with-parent --new-session --cap-drop ALL --disable-userns --seccomp 5 --dev-bind / / --proc /proc --remount-ro /proc --bind-try /tmp/my project/.git /tmp/my project/.git --ro-bind-try /tmp/my project/.git/config /tmp/my project/.git/config --perms 0555 --tmpfs /home/ada/.ssh --remount-ro /home/ada/.ssh --ro-bind /dev/.koda-empty /home/ada/.netrc --setenv A b c --chdir /tmp/my project"`,
  );
});

test("each masked file has an empty descriptor of its own, and there is one more", () => {
  const args = sessionArgs(session);
  const taken = args.filter((_, index) => ["--ro-bind-data", "--file"].includes(args[index - 1] ?? ""));
  expect(taken.toSorted()).toEqual(["4", "5"]);
  expect(countEmptyDescriptors(walls)).toBe(taken.length);
});

test("a secret below a replaced directory needs no mask, unless it lies in what was bound back in", () => {
  const masked = [
    { ...at("/tmp/home/.ssh"), kind: "directory" as const },
    { ...at("/tmp/my project/.netrc"), kind: "file" as const },
  ];
  const added = { ...walls, masked };
  for (const args of [sessionArgs({ ...session, walls: added }), commandArgs({ ...command, walls: added })]) {
    expect(args).not.toContain("/tmp/home/.ssh");
    expect(args).toContain("/tmp/my project/.netrc");
  }
});

test("a command takes the session's mounts as they are; in plan mode its directories are read-only on top", () => {
  const bound = (args: readonly string[]) =>
    args.flatMap((arg, index) => (/^--(?:ro-)?bind-try$/.test(arg) ? [`${arg} ${args[index + 1]}`] : []));
  const none = { pinned: [], readOnly: [], masked: [], covered: [] };
  expect(bound(commandArgs({ ...command, walls: none }))).toEqual([]);
  expect(new Set(bound(commandArgs({ ...command, walls: none, isReadOnly: true })))).toEqual(
    new Set(policy.writePaths.map((path) => `--ro-bind-try ${path}`)),
  );
});
