import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { probeTools } from "../../src/linux/probe.ts";
import { createPolicy } from "../../src/policy/policy.ts";
import { repository } from "../own-directories.ts";
import { openAttackSite, placeInHome } from "./attack-site.ts";

const program = fileURLToPath(new URL("../programs/run-main.ts", import.meta.url));

test("a descriptor that Koda was started with is not the command's, whatever is mounted over its path [LN-11]", () => {
  using place = placeInHome();
  const secret = join(place.path, "secret");
  writeFileSync(secret, "canary-5e1f");
  mkdirSync(join(place.path, "project"));
  // 3 and 40: below and above what Node uses for its own.
  const start = `exec 3<${secret} 40<${secret} 41</; exec "$@"`;
  const read = "ls -l /proc/self/fd; cat <&3; cat <&40; cat /proc/self/fd/40; ls /proc/self/fd/41/etc; true";
  const args = ["--conditions=@koda/source", program, "run", "--read-deny", secret, "--", "bash", "--norc", "-c", read];
  const { stdout } = spawnSync("bash", ["-c", start, "bash", process.execPath, ...args], {
    cwd: join(place.path, "project"),
    encoding: "utf8",
  });
  expect(stdout).not.toContain("canary");
  expect(stdout).not.toContain("passwd");
  expect([...stdout.matchAll(/ (\d+) -> /g)].map((match) => Number(match[1])).filter((fd) => fd > 3)).toEqual([]);
});

test("a launcher that lies first on the PATH, in the project, is not run [LF-25]", async () => {
  await using it = await openAttackSite({
    prepare: ({ place, project }) => {
      for (const name of ["bwrap", "nsenter", "bash"]) plantProgram(join(project, "bin", name), join(place, "ran"));
    },
    searchPath: (project) => `${project}/bin:bin:.:${process.env["PATH"]}`,
  });
  expect(existsSync(join(it.place, "ran"))).toBe(false);
  expect((await it.sh("echo on")).output).toBe("on\n");
  expect(existsSync(join(it.place, "ran"))).toBe(false);
});

test("a program that others may replace does not start a sandbox, and nothing runs instead [LF-24] [LF-25]", () => {
  using place = placeInHome();
  const project = join(place.path, "project");
  plantProgram(join(project, "bin/bwrap"), join(place.path, "ran"));
  const policy = createPolicy({ projectRoot: project, home: place.path });
  expect(probeTools({ policy, searchPath: `${project}/bin` })).toMatchObject({ kind: "unavailable" });
  const run = spawnSync(
    process.execPath,
    ["--conditions=@koda/source", program, "run", "--", "touch", join(project, "unconfined")],
    { cwd: project, env: { ...process.env, PATH: `${project}/bin` }, encoding: "utf8" },
  );
  expect(run.status).toBe(125);
  expect(run.stderr).toContain("not trusted");
  expect(existsSync(join(project, "unconfined")) || existsSync(join(place.path, "ran"))).toBe(false);
});

test("inside a sandbox another one is refused with a reason, not replaced by none [LN-27] [LN-22]", async () => {
  await using it = await openAttackSite({ policy: () => ({ readOnlyPaths: [repository] }) });
  const { output } = await it.sh(
    `"${process.execPath}" --conditions=@koda/source "${program}" run -- touch nested; echo "status $?"`,
  );
  expect(output).toMatch(/not run, because .*\n?status 125/s);
  expect(existsSync(join(it.project, "nested"))).toBe(false);
});

function plantProgram(path: string, mark: string): void {
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, `#!/bin/sh\ntouch '${mark}'\nshift 99 2>/dev/null\nexec true\n`);
  chmodSync(path, 0o755);
}
