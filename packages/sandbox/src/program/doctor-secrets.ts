import { type DoctorCheck, type DoctorSite, quote } from "./doctor-check.ts";

/** What a command may not read. */
export function secretChecks(site: DoctorSite): readonly DoctorCheck[] {
  const hidesIt = (result: { readonly exitCode: number | null; readonly output: string }): boolean =>
    result.exitCode === 0 && !result.output.includes(site.secret);
  return [
    {
      rule: "credentials in the home are not read",
      expected: "no readable file in .ssh .aws .gnupg .netrc …",
      script: `cd ${quote(site.home)} 2>/dev/null || exit 0; find .ssh .aws .gnupg .kube .netrc .git-credentials .docker/config.json -type f -exec cat {} + 2>/dev/null; true`,
      holds: (result) => result.exitCode === 0 && result.output === "",
      isSecret: true,
    },
    {
      rule: "in a home that is the project neither",
      expected: "not by name, by link, by /proc/self/root",
      script: `ln -s "$PWD/.ssh" link; cat .ssh/id link/id .netrc /proc/self/root"$PWD"/.ssh/id /proc/self/cwd/.netrc 2>&1; mv .ssh moved 2>&1; cat moved/id 2>&1; true`,
      place: "home",
      holds: hidesIt,
      isSecret: true,
    },
    {
      rule: "Koda's own data is not read",
      expected: "nothing in it",
      script: "cat .local/share/koda/* 2>&1; true",
      place: "home",
      holds: hidesIt,
      isSecret: true,
    },
    {
      rule: "password hashes are not read",
      expected: "nothing in /etc/shadow",
      script: "cat /etc/shadow 2>/dev/null; true",
      holds: (result) => result.exitCode === 0 && result.output === "",
      isSecret: true,
    },
    {
      rule: "secrets in the environment stay outside",
      expected: "not in env, /proc/self/environ, /proc/1/environ",
      script: "env; cat /proc/self/environ /proc/1/environ",
      holds: hidesIt,
      isSecret: true,
    },
    {
      rule: "no descriptor is inherited",
      expected: "0, 1 and 2 only",
      script: "ls -l /proc/self/fd",
      holds: (result) => result.exitCode === 0 && !hasFurtherDescriptor(result.output),
    },
  ];
}

/** `ls` itself holds one more: the directory that it lists. */
function hasFurtherDescriptor(listing: string): boolean {
  return [...listing.matchAll(/ (\d+) -> (.*)$/gm)].some(
    ([, fd, target]) => Number(fd) > 2 && !/^\/proc\/\d+\/fd$/.test(target ?? ""),
  );
}
