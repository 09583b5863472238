import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../../test/temporary-directory.ts";
import { SandboxError } from "../errors.ts";
import { escapeWildcards } from "./path-glob.ts";
import { createPathGuard } from "./path-guard.ts";
import { createPolicy } from "./policy.ts";
import { toRealPath } from "./real-path.ts";

test.each(["/", "/tmp", "/run/user/1000", "/proc/self", "/dev/shm"])("%s is never made writable", (path) => {
  using project = temporaryDirectory();
  const create = () => createPolicy({ projectRoot: project.path, home: "/nowhere", writePaths: [path] });
  expect(create).toThrow(SandboxError);
  expect(create).toThrow(expect.objectContaining({ code: "bad_policy" }));
});

test.each(["/", "/usr", "/usr/", "/bin", "/proc", "/dev", "/usr/bin/.."])(
  "%s, without which no program starts, cannot be denied",
  (path) => {
    using project = temporaryDirectory();
    const create = () => createPolicy({ projectRoot: project.path, home: "/nowhere", readDenyPaths: [path] });
    expect(create).toThrow(
      expect.objectContaining({ code: "bad_policy", message: expect.stringContaining("readDenyPaths") }),
    );
  },
);

test.each(["**/private", "/data/*", "~/.koda-[ab]", "{a,b}"])(
  "%j, a pattern, is refused as a private directory",
  (text) => {
    using project = temporaryDirectory();
    const create = () => createPolicy({ projectRoot: project.path, home: "/nowhere", privateDirs: [text] });
    expect(create).toThrow(
      expect.objectContaining({ code: "bad_policy", message: expect.stringContaining(JSON.stringify(text)) }),
    );
  },
);

test("a private directory may have any name, once its wildcards are escaped", () => {
  using project = temporaryDirectory();
  const name = join(project.path, "[id]*{x}\\");
  const { privateDirs } = createPolicy({
    projectRoot: project.path,
    home: "/nowhere",
    privateDirs: [escapeWildcards(name)],
  });
  expect(privateDirs).toEqual([name]);
});

test("a project inside a secret directory is refused", () => {
  using home = temporaryDirectory();
  mkdirSync(join(home.path, ".ssh/project"), { recursive: true });
  expect(() => createPolicy({ projectRoot: join(home.path, ".ssh/project"), home: home.path })).toThrow(/protected/);
});

test("links are resolved as far as they exist, a dangling one to where it points", () => {
  using place = temporaryDirectory();
  mkdirSync(join(place.path, "real"));
  symlinkSync("real", join(place.path, "link"));
  symlinkSync("absent/file", join(place.path, "dangling"));
  symlinkSync("loop", join(place.path, "loop"));
  expect(toRealPath(join(place.path, "link/a/../b"))).toBe(join(place.path, "real/b"));
  expect(toRealPath(join(place.path, "dangling"))).toBe(join(place.path, "absent/file"));
  expect(toRealPath(join(place.path, "loop"))).toBe(join(place.path, "loop"));
});

test("a worktree's shared git directory counts only when it points back at the project", () => {
  using place = temporaryDirectory();
  const main = join(place.path, "main");
  const git = (...args: string[]) => execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args]);
  git("init", "--quiet", main);
  git("-C", main, "commit", "--quiet", "--allow-empty", "-m", "x");
  const tree = join(place.path, "tree");
  git("-C", main, "worktree", "add", "--quiet", tree);
  expect(createPolicy({ projectRoot: tree, home: "/nowhere" }).outerGitDir).toBe(join(main, ".git"));
  const forger = join(place.path, "forger");
  mkdirSync(forger);
  writeFileSync(join(forger, ".git"), `gitdir: ${join(main, ".git/worktrees/tree")}\n`);
  expect(createPolicy({ projectRoot: forger, home: "/nowhere" }).outerGitDir).toBeNull();
});

test("the guard denies what the kernel denies, whatever the spelling", () => {
  using project = temporaryDirectory();
  using home = temporaryDirectory();
  mkdirSync(join(home.path, ".ssh"));
  symlinkSync(join(home.path, ".ssh"), join(project.path, "link"));
  const data = join(home.path, ".local/share/koda");
  const guard = createPathGuard(
    createPolicy({
      projectRoot: project.path,
      home: home.path,
      privateDirs: [data],
      readDenyPaths: [join(project.path, "secrets")],
    }),
  );
  const denied: [string, "read" | "write"][] = [
    [join(home.path, ".ssh/id_ed25519"), "read"],
    [join(project.path, "link/authorized_keys"), "write"],
    [join(data, "koda.db"), "read"],
    [join(project.path, "secrets/a"), "read"],
    ["/proc/self/environ", "read"],
    ["/etc/shadow", "read"],
    [join(project.path, ".git/hooks/pre-commit"), "write"],
    [join(project.path, ".GIT/config"), "write"],
    [join(project.path, "vendor/lib/.git/hooks/post-checkout"), "write"],
    [join(project.path, ".git/modules/a/b/config"), "write"],
    [join(project.path, ".git"), "write"],
    [join(project.path, ".mcp.json"), "write"],
    [join(project.path, ".vscode/tasks.json"), "write"],
    [join(project.path, "src/../.envrc"), "write"],
    [join(home.path, ".bashrc"), "write"],
  ];
  const allowed: [string, "read" | "write"][] = [
    [join(project.path, "src/main.ts"), "write"],
    [join(project.path, ".gitignore"), "write"],
    [join(project.path, ".git/index"), "write"],
    [join(project.path, ".git/config"), "read"],
    [join(project.path, "docs/.git-notes/config"), "write"],
    [join(home.path, ".bashrc"), "read"],
    ["/usr/include/stdio.h", "read"],
  ];
  for (const [path, access] of denied) expect([path, guard.check(path, access).kind]).toEqual([path, "deny"]);
  for (const [path, access] of allowed) expect([path, guard.check(path, access).kind]).toEqual([path, "allow"]);
});

test("the guard denies hooks and configuration that the repository keeps elsewhere, and a bare repository in the making", () => {
  using project = temporaryDirectory();
  const git = (...args: string[]) => execFileSync("git", ["-C", project.path, ...args]);
  git("init", "--quiet");
  git("config", "core.hooksPath", "tools/hooks");
  git("config", "include.path", "../team.gitconfig");
  const guard = createPathGuard(createPolicy({ projectRoot: project.path, home: "/nowhere" }));
  for (const name of ["tools/hooks/pre-commit", "team.gitconfig", "HEAD"]) {
    expect([name, guard.check(join(project.path, name), "write").kind]).toEqual([name, "deny"]);
    expect(guard.check(join(project.path, name), "read").kind).toBe("allow");
  }
  expect(guard.check(join(project.path, "tools/build.sh"), "write").kind).toBe("allow");
});
