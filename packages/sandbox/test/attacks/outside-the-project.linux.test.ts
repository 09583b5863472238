import { existsSync, lstatSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createPathGuard } from "../../src/policy/path-guard.ts";
import { openAttackSite } from "./attack-site.ts";

test("nothing outside the project is written, changed or removed [LF-01]", async () => {
  await using it = await openAttackSite({ files: { "home/kept": "mine", "beside/kept": "mine" } });
  const etc = `/etc/koda-attack-${process.pid}`;
  const targets = [
    etc,
    join(it.home, "new"),
    join(it.place, "new"),
    join(it.place, "beside/new"),
    "/usr/bin/koda-attack",
  ];
  await it.sh(targets.map((path) => `echo x > ${path}`).join("; "));
  await it.sh(
    `echo x > ../beside/kept; rm -rf ../beside ${it.home}; mv ${it.home} ../stolen; chmod 777 ${it.home}/kept`,
  );
  await it.sh(`ln ${it.home}/kept linked && echo x > linked; touch -d 1999-01-01 ${it.home}/kept`);
  const written = targets.filter((path) => existsSync(path));
  for (const path of written) rmSync(path);
  expect(written).toEqual([]);
  expect(readFileSync(join(it.home, "kept"), "utf8")).toBe("mine");
  expect(readFileSync(join(it.place, "beside/kept"), "utf8")).toBe("mine");
  expect(lstatSync(join(it.home, "kept")).mode & 0o777).toBe(0o644);
  expect(lstatSync(join(it.home, "kept")).mtime.getFullYear()).toBeGreaterThan(1999);
});

test.each(["/", "..", "../home", "to-root", "/etc"])(
  "a working directory of %s makes nothing writable [LF-02]",
  async (cwd) => {
    await using it = await openAttackSite({ prepare: ({ project }) => symlinkSync("/", join(project, "to-root")) });
    const name = `koda-attack-cwd-${process.pid}`;
    const before = readdirSync(it.place);
    const directory = cwd.startsWith("/") ? cwd : join(it.project, cwd);
    const result = await it.sh(`echo x > ${name}; echo x > ./home/${name}`, { cwd: directory });
    expect(result.exitCode).not.toBe(0);
    const written = ["/", "/etc", it.place, it.home].map((path) => join(path, name)).filter((path) => existsSync(path));
    for (const path of written) rmSync(path);
    expect(written).toEqual([]);
    expect(readdirSync(it.place)).toEqual(before);
  },
);

test("a link that a command left in the project leads the file tools nowhere [LF-03]", async () => {
  await using it = await openAttackSite({ files: { "home/.ssh/authorized_keys": "mine" } });
  await it.sh(`ln -s ${it.home}/.ssh l; ln -s ${it.home} h; ln -s .git/hooks g; ln -s /proc p`);
  const guard = createPathGuard(it.policy);
  const judge = (path: string, access: "read" | "write") => guard.check(join(it.project, path), access).kind;
  expect(judge("l/authorized_keys", "read")).toBe("deny");
  expect(judge("l/authorized_keys", "write")).toBe("deny");
  expect(judge("h/.bashrc", "write")).toBe("deny");
  expect(judge("g/pre-commit", "write")).toBe("deny");
  expect(judge("p/self/environ", "read")).toBe("deny");
});

test("a NUL in a variable or a directory becomes no option of bubblewrap [LF-01]", async () => {
  await using it = await openAttackSite();
  const injected = "/\0--bind\0/\0/"; // options that bubblewrap would take
  await expect(it.sh("true", { env: { A: injected } })).rejects.toMatchObject({ code: "spawn_failed" });
  await expect(it.sh("true", { cwd: injected })).rejects.toMatchObject({ code: "spawn_failed" });
});

test("hard links to what is protected cannot be made [LF-11]", async () => {
  await using it = await openAttackSite({ files: { "home/.ssh/id": "mine", "project/.mcp.json": "{}" } });
  const config = readFileSync(join(it.project, ".git/config"), "utf8");
  await it.sh(
    "for f in .git/config .mcp.json ../home/.ssh/id /etc/passwd; do n=c$((++i)); ln $f $n && echo x >> $n; done",
  );
  expect(readFileSync(join(it.project, ".git/config"), "utf8")).toBe(config);
  expect(readFileSync(join(it.project, ".mcp.json"), "utf8")).toBe("{}");
  expect(readdirSync(it.project).filter((name) => /^c\d$/.test(name))).toEqual([]);
});
