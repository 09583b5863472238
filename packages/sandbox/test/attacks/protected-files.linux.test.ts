import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { PROTECTED_HOME_PATHS, PROTECTED_PROJECT_PATHS } from "../../src/policy/always-denied.ts";
import { type AttackSite, openAttackSite } from "./attack-site.ts";

/** Every way a command may try to put `text` at a path. */
const plant = (path: string): string =>
  `mkdir -p ${dirname(path)}; echo planted > ${path}; cp /etc/hostname ${path}; ln -s /etc/hostname ${path}; mkdir -p ${path} && echo planted > ${path}/inner`;

test("every protected name of the project is refused or gone after the command, whether it was there or not [LF-04] [LF-08]", async () => {
  const half = PROTECTED_PROJECT_PATHS.filter((_, index) => index % 2 === 0);
  await using it = await openAttackSite({ files: Object.fromEntries(half.map((name) => [`project/${name}`, "mine"])) });
  await it.sh(PROTECTED_PROJECT_PATHS.map(plant).join("; "));
  const now = PROTECTED_PROJECT_PATHS.map((name) => [name, read(join(it.project, name))]);
  expect(now).toEqual(PROTECTED_PROJECT_PATHS.map((name) => [name, half.includes(name) ? "mine" : null]));
});

test("with the home as the project, every file that is read at login is refused or gone after the command [LF-09]", async () => {
  const half = PROTECTED_HOME_PATHS.filter((name, index) => index % 2 === 0 && name !== "bin");
  await using it = await openAttackSite({
    files: Object.fromEntries(half.map((name) => [`home/${name}/mine`, ""])),
    policy: (place) => ({ projectRoot: join(place, "home") }),
  });
  await it.sh(PROTECTED_HOME_PATHS.map((name) => `rm -rf ${name}; ${plant(name)}`).join("; "), { cwd: it.home });
  const planted = PROTECTED_HOME_PATHS.filter((name) => existsSync(join(it.home, name)) && !half.includes(name));
  const changed = half.filter((name) => readdirSync(join(it.home, name)).join() !== "mine");
  expect({ planted, changed }).toEqual({ planted: [], changed: [] });
});

const GIT_CONTROL = ["config", "config.worktree", "commondir", "gitdir", "info/attributes", "hooks/pre-commit"];

test("in a repository with a submodule and a worktree, no file that git obeys is written [LF-06]", async () => {
  await using it = await openAttackSite({ prepare: ({ project }) => addSubmoduleAndWorktree(project) });
  const gitDirectories = [".git", ".git/modules/sub", ".git/worktrees/tree"];
  const paths = [
    ".gitmodules",
    "sub/.git",
    ...gitDirectories.flatMap((directory) => GIT_CONTROL.map((name) => `${directory}/${name}`)),
  ];
  const before = paths.map((path) => [path, read(join(it.project, path))]);
  await it.sh(paths.map((path) => `rm -rf ${path}; ${plant(path)}`).join("; "));
  await it.sh(
    `git config core.fsmonitor x; git -C sub config core.hooksPath x; git submodule init; git config --worktree a.b c; true`,
  );
  expect(paths.map((path) => [path, read(join(it.project, path))])).toEqual(before);
});

test("a git directory cannot be swapped for another one, nor any directory above it [LF-05]", async () => {
  await using it = await openAttackSite({ prepare: ({ project }) => addSubmoduleAndWorktree(project) });
  const directories = [".git", ".git/modules", ".git/modules/sub", ".git/worktrees", ".git/worktrees/tree"];
  const swap = (path: string): string => `mv ${path} ${path}2; mkdir -p ${path}/hooks; echo x > ${path}/hooks/planted`;
  await it.sh(directories.map(swap).join("; "));
  await it.sh("cd ..; mv project project2; mkdir -p project/.git/hooks; echo x > project/.git/hooks/planted");
  for (const path of directories) expect([path, existsSync(join(it.project, `${path}2`))]).toEqual([path, false]);
  for (const path of [".git", ".git/modules/sub", ".git/worktrees/tree"]) {
    expect([path, existsSync(join(it.project, path, "hooks/planted"))]).toEqual([path, false]);
  }
  expect(execFileSync("git", ["-C", it.project, "status", "--porcelain"], { encoding: "utf8" })).toBe("");
});

test("a protected path that is a link, whole or dangling, breaks no command and creates nothing at its target [LF-12]", async () => {
  await using it = await openAttackSite({
    policy: (place) => ({ projectRoot: join(place, "home") }),
    prepare: ({ place, home }) => {
      mkdirSync(join(place, "dotfiles"));
      writeFileSync(join(place, "dotfiles/bashrc"), "mine");
      symlinkSync(join(place, "dotfiles/bashrc"), join(home, ".bashrc"));
      symlinkSync(join(place, "dotfiles/absent"), join(home, ".profile"));
      symlinkSync(join(place, "dotfiles/none/at/all"), join(home, ".zshrc"));
      symlinkSync(".vimrc", join(home, ".vimrc"));
    },
  });
  const result = await it.sh("echo x > kept; echo x > .bashrc; echo x > .profile; echo x > .vimrc; echo done", {
    cwd: it.home,
  });
  expect(result.output).toContain("done");
  expect(existsSync(join(it.home, "kept"))).toBe(true);
  expect(readFileSync(join(it.place, "dotfiles/bashrc"), "utf8")).toBe("mine");
  expect(readdirSync(join(it.place, "dotfiles"))).toEqual(["bashrc"]);
});

test("a directory on the way to a protected path that becomes a link takes no later mount along [LF-12]", async () => {
  await using it = await openAttackSite({
    files: { "outside/config": "mine" },
    policy: (place) => ({ projectRoot: join(place, "home") }),
  });
  await it.sh(`mkdir x; ln -s ${it.place}/outside .config; ln -s ${it.place}/outside .local`, { cwd: it.home });
  await it.sh("echo x > .config/git/config; echo x > .local/bin/ls; true", { cwd: it.home });
  expect(readdirSync(join(it.place, "outside"))).toEqual(["config"]);
});

test("masking what is not there leaves no empty file behind [LF-13]", async () => {
  await using it = await openAttackSite();
  const before = [listAll(it.project), listAll(it.home)];
  await it.sh("true");
  await it.sh("true", { isReadOnly: true });
  expect([listAll(it.project), listAll(it.home)]).toEqual(before);
  expect(execFileSync("git", ["-C", it.project, "status", "--porcelain"], { encoding: "utf8" })).toBe("");
});

test("a repository whose configuration was changed inside runs nothing outside: it was not changed [LF-06]", async () => {
  await using it = await openAttackSite();
  const mark = join(it.place, "ran");
  await it.sh(
    `printf '[core]\\n fsmonitor = touch ${mark}\\n pager = touch ${mark}\\n[filter "x"]\\n clean = touch ${mark}\\n' >> .git/config; echo '* filter=x' > .gitattributes; echo x > a`,
  );
  runGitOutside(it);
  expect(existsSync(mark)).toBe(false);
});

function runGitOutside(it: AttackSite): void {
  for (const args of [["status"], ["diff"], ["add", "-A"]]) {
    try {
      execFileSync("git", ["-C", it.project, ...args], { stdio: "ignore" });
    } catch {
      // git's own failure: then it ran nothing either
    }
  }
}

function addSubmoduleAndWorktree(project: string): void {
  const git = (...args: string[]): void => {
    const options = ["user.name=a", "user.email=a@b", "protocol.file.allow=always"].flatMap((option) => ["-c", option]);
    execFileSync("git", ["-C", project, ...options, ...args], { stdio: "ignore" });
  };
  const library = join(project, "../library");
  execFileSync("git", ["init", "--quiet", library]);
  git("-C", library, "commit", "--allow-empty", "-m", "one");
  git("submodule", "add", library, "sub");
  git("commit", "-m", "one");
  git("worktree", "add", join(project, "../tree"));
}

function listAll(directory: string): string {
  // Without Koda's own data.
  const args = [directory, "-name", ".local", "-prune", "-o", "-printf", "%p %y %s\\n"];
  return execFileSync("find", args, { encoding: "utf8" });
}

function read(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return existsSync(path) ? readdirSync(path).join() : null;
  }
}
