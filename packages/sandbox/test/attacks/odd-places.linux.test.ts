import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type AttackSite, openAttackSite } from "./attack-site.ts";

/** What must hold wherever the project is: it is written, and nothing else, its protected files included. */
async function expectHeld(it: AttackSite, project: string): Promise<void> {
  const result = await it.sh(
    `echo x > made; echo x > .git/hooks/pre-commit; echo x >> .git/config; echo x > .envrc; mv .git g; echo x > ${it.home}/new; cat ${it.home}/.ssh/id; cat made`,
    { cwd: project },
  );
  expect(result.output).toContain("\nx\n");
  expect(result.output).not.toContain("canary");
  const found = ["made", ".envrc", ".git/hooks/pre-commit", "g"].filter((name) => existsSync(join(project, name)));
  expect(found).toEqual(["made"]);
  expect(existsSync(join(it.home, "new"))).toBe(false);
  execFileSync("git", ["-C", project, "status"], { stdio: "ignore" }); // it is still a repository that git can read
}

const FILES = { "home/.ssh/id": "canary-5e1f" };

const NAMES = [
  "with space",
  " lead and trail ",
  "new\nline",
  "tab\there",
  "q'uo\"te`back\\slash",
  "ünïcødé-日本語-🦆",
  "-dash --flag",
  "$(touch x)`id`;&|<>*?[a]!#~",
  "é", // decomposed
  `${"long".repeat(60)}`,
];

describe("a project named", () => {
  test.each(NAMES)("%j is confined like any other", async (name) => {
    await using it = await openAttackSite({
      files: FILES,
      prepare: ({ place }) => makeRepository(join(place, name)),
      policy: (place) => ({ projectRoot: join(place, name) }),
    });
    await expectHeld(it, join(it.place, name));
  });
});

test("a project below a name that is no UTF-8 is refused or confined, never half", async () => {
  const bytes = Buffer.concat([Buffer.from("p-"), Buffer.from([0xff, 0xfe])]);
  await using it = await openAttackSite({ files: FILES });
  execFileSync("bash", ["-c", `mkdir "$1"/$'p-\\xff\\xfe'`, "bash", it.project]);
  await it.sh("cd p-*; echo x > in; true");
  expect(readFileSync(Buffer.concat([Buffer.from(`${it.project}/`), bytes, Buffer.from("/in")]), "utf8")).toBe("x\n");
});

test("a project that is a link is confined where it really is", async () => {
  await using it = await openAttackSite({
    files: FILES,
    prepare: ({ place, project }) => symlinkSync(project, join(place, "link")),
    policy: (place) => ({ projectRoot: join(place, "link") }),
  });
  await expectHeld(it, it.project);
  await it.sh("rm ../link; ln -s /etc ../link; echo x > ../link/koda-attack");
  expect(readlinkSync(join(it.place, "link"))).toBe(it.project);
  expect(existsSync("/etc/koda-attack")).toBe(false);
});

test("a worktree is confined with the repository it belongs to: its hooks and configuration are not written", async () => {
  await using it = await openAttackSite({
    files: FILES,
    prepare: ({ project }) => {
      commit(project);
      git(project, "worktree", "add", "--quiet", join(project, "../tree"));
    },
    policy: (place) => ({ projectRoot: join(place, "tree") }),
  });
  const tree = join(it.place, "tree");
  const pointer = readFileSync(join(tree, ".git"), "utf8");
  const done = await it.sh(
    "echo x > a && git add a && git -c user.name=a -c user.email=a@b commit -qm two && git log --oneline | wc -l",
    { cwd: tree },
  );
  expect(done.output).toBe("2\n");
  await it.sh(
    `echo x > ../project/.git/hooks/pre-commit; echo x >> ../project/.git/config; for n in config.worktree commondir gitdir; do echo x > ../project/.git/worktrees/tree/$n; done; echo gitdir: x > .git; mv .git g; mv ../project/.git ../project/g; echo x > ../project/new`,
    { cwd: tree },
  );
  expect(readFileSync(join(tree, ".git"), "utf8")).toBe(pointer);
  expect(existsSync(join(it.project, ".git/hooks/pre-commit"))).toBe(false);
  expect(existsSync(join(it.project, "new"))).toBe(false);
  expect(git(tree, "status", "--porcelain")).toBe("");
});

test("a .git that points at another repository, which does not point back, makes nothing of that writable", async () => {
  await using it = await openAttackSite({
    prepare: ({ place, project }) => {
      commit(project);
      git(project, "worktree", "add", "--quiet", join(place, "tree"));
      mkdirSync(join(place, "forged"));
      writeFileSync(join(place, "forged/.git"), `gitdir: ${project}/.git/worktrees/tree\n`);
    },
    policy: (place) => ({ projectRoot: join(place, "forged") }),
  });
  await it.sh(`cd ../project/.git && { echo x > planted; echo x > refs/heads/x; rm -rf objects; }`, {
    cwd: join(it.place, "forged"),
  });
  expect(existsSync(join(it.project, ".git/planted"))).toBe(false);
  expect(git(it.project, "log", "--format=%s")).toBe("one\n");
});

test("a submodule as the project is confined, and its git directory in the outer repository is only read", async () => {
  await using it = await openAttackSite({
    files: FILES,
    prepare: ({ place, project }) => {
      makeRepository(join(place, "library"));
      commit(join(place, "library"));
      git(project, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", join(place, "library"), "sub");
    },
    policy: (place) => ({ projectRoot: join(place, "project/sub") }),
  });
  const sub = join(it.project, "sub");
  expect((await it.sh("git log --oneline | wc -l; git status --short; echo x > a", { cwd: sub })).output).toBe("1\n");
  expect(existsSync(join(sub, "a"))).toBe(true);
  await it.sh(
    `G=../.git/modules/sub; echo x > $G/hooks/pre-commit; echo x >> $G/config; echo x > ../.git/hooks/pre-commit; echo x > ../new; mv $G $G-2`,
    { cwd: sub },
  );
  for (const path of [".git/modules/sub/hooks/pre-commit", ".git/hooks/pre-commit", "new", ".git/modules/sub-2"]) {
    expect([path, existsSync(join(it.project, path))]).toEqual([path, false]);
  }
});

test.each(["/tmp", "/var/tmp"])("a project below %s is confined, and shows nothing else of it", async (base) => {
  const place = mkdtempSync(join(base, "koda-attack-"));
  try {
    makeRepository(join(place, "project"));
    writeFileSync(join(place, "beside"), "canary");
    await using it = await openAttackSite({ files: FILES, policy: () => ({ projectRoot: join(place, "project") }) });
    await expectHeld(it, join(place, "project"));
    expect((await it.sh(`cat ${place}/beside; ls ${base}`, { cwd: join(place, "project") })).output).not.toContain(
      "canary",
    );
    await it.sh(`echo x > ${place}/new; echo x > ${base}/koda-attack-new`, { cwd: join(place, "project") });
    expect(existsSync(join(place, "new")) || existsSync(`${base}/koda-attack-new`)).toBe(false);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
});

test("with the home as the project, secrets are not read and what logins and git read is not written [LF-09] [LF-14]", async () => {
  const before = { ".ssh/id": "canary-5e1f", ".bashrc": "mine", ".netrc": "canary-5e1f", ".config/git/config": "mine" };
  await using it = await openAttackSite({
    files: Object.fromEntries(Object.entries(before).map(([name, text]) => [`home/${name}`, text])),
    policy: (place) => ({ projectRoot: join(place, "home") }),
  });
  const result = await it.sh(
    `${Object.keys(before)
      .map((name) => `cat ${name}; echo x > ${name}; rm -f ${name}; mv ${name} y`)
      .join(
        "; ",
      )}; mv .ssh s2; mv .config c2; echo x > .profile; mkdir -p .local/bin bin && echo x > .local/bin/ls && echo x > bin/ls; echo x > made`,
    { cwd: it.home },
  );
  expect(result.output).not.toContain("canary");
  for (const [name, text] of Object.entries(before))
    expect([name, readFileSync(join(it.home, name), "utf8")]).toEqual([name, text]);
  for (const name of [".profile", ".local/bin/ls", "bin/ls", "s2", "c2"])
    expect([name, existsSync(join(it.home, name))]).toEqual([name, false]);
  expect(existsSync(join(it.home, "made"))).toBe(true);
});

function makeRepository(path: string): void {
  mkdirSync(path, { recursive: true });
  execFileSync("git", ["init", "--quiet", "."], { cwd: path });
}

function commit(repository: string): void {
  git(repository, "commit", "--quiet", "--allow-empty", "-m", "one");
}

function git(repository: string, ...args: string[]): string {
  const who = ["-c", "user.name=a", "-c", "user.email=a@b"];
  return execFileSync("git", ["-C", repository, ...who, ...args], { encoding: "utf8" });
}
