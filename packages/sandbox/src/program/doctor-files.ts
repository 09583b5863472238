import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type DoctorCheck, type DoctorSite, fails, quote } from "./doctor-check.ts";

/** What a command may write, and what it may not. */
export function fileChecks(site: DoctorSite): readonly DoctorCheck[] {
  const { project, home, scratchHome, marker, hostTmp } = site;
  const read = (path: string): string => (existsSync(path) ? readFileSync(path, "utf8") : "");
  return [
    {
      rule: "the project is writable",
      expected: "a file appears",
      script: `echo x > ${quote(marker)}`,
      holds: () => existsSync(join(project, marker)),
    },
    {
      rule: "plan mode writes nothing",
      expected: "no file appears",
      script: `echo x > ${quote(`plan-${marker}`)}`,
      place: "plan",
      holds: () => !existsSync(join(project, `plan-${marker}`)),
    },
    {
      rule: "the home is not written",
      expected: "no file appears",
      script: `echo x > ${quote(join(home, marker))}`,
      holds: () => !existsSync(join(home, marker)),
    },
    {
      rule: "the system is not written",
      expected: "no file appears",
      script: `echo x > ${quote(join("/etc", marker))}`,
      holds: () => !existsSync(join("/etc", marker)),
    },
    {
      rule: "beside the project nothing is written",
      expected: "no file appears",
      script: `echo x > ../${quote(marker)}`,
      holds: () => !existsSync(join(project, "..", marker)),
    },
    {
      rule: "kernel settings are not written",
      expected: "writing one's own value back fails",
      script: 'v=$(cat /proc/sys/vm/swappiness) && echo "$v" > /proc/sys/vm/swappiness',
      holds: fails,
    },
    {
      rule: "git hooks are not written",
      expected: "no hook appears",
      script: `echo x > .git/hooks/${quote(marker)}`,
      holds: () => !existsSync(join(project, ".git/hooks", marker)),
    },
    {
      rule: "git configuration is not written",
      expected: "it stays as it is",
      script: `printf '[koda]\\n doctor = x\\n' >> .git/config; echo x > .git/info/attributes; true`,
      holds: () =>
        !read(join(project, ".git/config")).includes("doctor") && !existsSync(join(project, ".git/info/attributes")),
    },
    {
      rule: "a submodule's hooks and configuration are not written",
      expected: "they stay as they are",
      script: `d=.git/modules/sub; echo x > $d/hooks/${quote(marker)}; echo x >> $d/config; true`,
      holds: () =>
        !existsSync(join(project, ".git/modules/sub/hooks", marker)) &&
        read(join(project, ".git/modules/sub/config")) === "",
    },
    {
      rule: ".git is not renamed away",
      expected: ".git stays where it is",
      script: "mv .git elsewhere",
      holds: (result) => fails(result) && existsSync(join(project, ".git/HEAD")),
    },
    {
      rule: "a protected file that exists is not written",
      expected: ".envrc stays as it is",
      script: "echo x > .envrc; rm -f .envrc; mv .envrc e; true",
      holds: () => read(join(project, ".envrc")) === "mine",
    },
    {
      rule: "an absent protected file is not planted",
      expected: ".mcp.json is gone when the command ends",
      script: "echo '{}' > .mcp.json",
      holds: () => !existsSync(join(project, ".mcp.json")),
    },
    {
      rule: "in a home, files read at login are not written",
      expected: ".bashrc stays, .profile does not appear",
      script: "echo x > .bashrc; rm -f .bashrc; echo x > .profile; true",
      place: "home",
      holds: () => read(join(scratchHome, ".bashrc")) === "mine" && !existsSync(join(scratchHome, ".profile")),
    },
    {
      rule: "masking leaves no empty file behind",
      expected: "only what was there",
      script: "true",
      place: "home",
      holds: () => !readdirSync(scratchHome).some((name) => [".aws", ".gnupg", ".vimrc"].includes(name)),
    },
    {
      rule: "/tmp is private",
      expected: "the host's files are not there",
      script: `ls -A ${quote(hostTmp)}`,
      holds: fails,
    },
  ];
}
