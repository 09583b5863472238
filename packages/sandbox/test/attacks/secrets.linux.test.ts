import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { SECRET_HOME_PATHS, SECRET_SYSTEM_PATHS } from "../../src/policy/always-denied.ts";
import { openAttackSite } from "./attack-site.ts";

const CANARY = "canary-5e1f";

test.each([
  ["files", ""],
  ["directories", "/inner/key"],
])("no secret place in the home is read, whatever the spelling of its path; as %s [LF-14]", async (_, below) => {
  const files = Object.fromEntries(SECRET_HOME_PATHS.map((path) => [`home/${path}${below}`, CANARY]));
  await using it = await openAttackSite({
    files: { ...files, "home/open": "to be read" },
    prepare: ({ home, project }) => symlinkSync(home, join(project, "home-link")),
  });
  const spellings = ["$H", "/proc/self/root$H", "/proc/self/cwd/../home", "home-link", "//$H/.", "/proc/1/root$H"];
  const { output } = await it.sh(
    `H=${it.home}; ln -s $H/.ssh s; for d in ${spellings.join(" ")}; do grep -rs . "$d"/; tar -cf - "$d"/. 2>/dev/null; done; cat s s/* s/inner/*; true`,
    { maxOutputBytes: 8_000_000 },
  );
  expect(output.split("to be read").length).toBeGreaterThan(spellings.length); // the home itself is open to the search
  expect(output).not.toContain(CANARY);
});

test("a secret that appears while the session runs is masked for the next command [LF-14]", async () => {
  await using it = await openAttackSite();
  mkdirSync(join(it.home, ".aws"));
  writeFileSync(join(it.home, ".aws/credentials"), CANARY);
  expect((await it.sh(`cat ${it.home}/.aws/credentials`)).output).not.toContain(CANARY);
});

test("a secret behind a link is masked where it really is [LF-14]", async () => {
  await using it = await openAttackSite({
    files: { "vault/id_ed25519": CANARY },
    prepare: ({ place, home }) => symlinkSync(join(place, "vault"), join(home, ".ssh")),
  });
  const read = await it.sh(`cat ${it.home}/.ssh/id_ed25519 ${it.place}/vault/id_ed25519 ../vault/*`);
  expect(read.output).not.toContain(CANARY);
});

test("Koda's own data is neither read nor written [LF-14]", async () => {
  await using it = await openAttackSite({ files: { "home/.local/share/koda/koda.db": CANARY } });
  const read = await it.sh(
    `cat ${it.home}/.local/share/koda/koda.db; echo x > ${it.home}/.local/share/koda/koda.db; echo x > ${it.home}/.local/share/koda/new; true`,
  );
  expect(read.output).not.toContain(CANARY);
  expect(existsSync(join(it.home, ".local/share/koda/new"))).toBe(false);
});

test("what the caller denies is not read inside the project either [LF-15]", async () => {
  await using it = await openAttackSite({
    files: { "project/.env": CANARY, "project/keys/a.pem": CANARY, "project/.env.example": "open" },
    policy: (place) => ({ readDenyPaths: [join(place, "project/.env"), join(place, "project/keys")] }),
  });
  const read = await it.sh(
    "cat .env keys/* /proc/self/cwd/.env; mv .env e; cat e; mv keys k; cat k/*; ln .env f; cat f; git add -A; git diff --cached; true",
  );
  expect(read.output).not.toContain(CANARY);
  expect((await it.sh("cat .env.example")).output).toBe("open");
});

test("password hashes, host keys and other users' crontabs are not read, as root neither [LF-14]", async () => {
  await using it = await openAttackSite();
  const { output } = await it.sh(
    `for p in ${SECRET_SYSTEM_PATHS.join(" ")}; do [ -d "$p" ] && find "$p" -mindepth 1; [ -f "$p" ] && head -c 1 "$p"; done 2>/dev/null; true`,
  );
  expect(output).toBe("");
});

test("no secret of the environment is seen, by any name, in the command, its parents or the process listing [LF-17] [LN-17]", async () => {
  const names =
    "ANTHROPIC_API_KEY OPENAI_API_KEY AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN GITHUB_TOKEN GH_TOKEN GITLAB_TOKEN NPM_TOKEN NODE_AUTH_TOKEN PYPI_TOKEN AZURE_CLIENT_SECRET GOOGLE_APPLICATION_CREDENTIALS SSH_AUTH_SOCK GPG_AGENT_INFO DATABASE_URL PGPASSWORD SENTRY_AUTH_TOKEN SLACK_TOKEN VAULT_TOKEN DBUS_SESSION_BUS_ADDRESS HTTPS_PROXY KODA_API_KEY MY_SECRET";
  const environment = Object.fromEntries(names.split(" ").map((name) => [name, `http://${CANARY}:1`]));
  await using it = await openAttackSite({ environment });
  const { output } = await it.sh("env; cat /proc/*/environ /proc/*/cmdline; ps auxewww; true");
  expect(output).toContain("HTTPS_PROXY="); // the sandbox's own
  expect(output).not.toContain(CANARY);
});

test("a variable of the call is seen by the command and by nothing that starts it [LN-18]", async () => {
  await using it = await openAttackSite();
  const mark = join(it.place, "ran");
  writeFileSync(join(it.project, "evil.sh"), `touch ${mark}\n`);
  const env = {
    BASH_ENV: join(it.project, "evil.sh"),
    ENV: join(it.project, "evil.sh"),
    LD_PRELOAD: join(it.project, "evil.so"),
    CANARY,
  };
  const { output } = await it.sh('echo "$CANARY"; tr "\\0" "\\n" < /proc/1/environ | grep -c CANARY', { env });
  const said = output.split("\n").filter((line) => !line.includes("ld.so") && !line.startsWith("touch:"));
  expect(said.map((line) => line.trim())).toEqual([CANARY, "0", ""]);
  expect(existsSync(mark)).toBe(false);
});

test("variables that make programs load code are not passed on from the user's environment [LN-18]", async () => {
  const names =
    "LD_PRELOAD LD_LIBRARY_PATH LD_AUDIT NODE_OPTIONS NODE_PATH BASH_ENV ENV PYTHONPATH PYTHONSTARTUP PERL5OPT PERL5LIB RUBYOPT JAVA_TOOL_OPTIONS GIT_SSH_COMMAND GIT_EXTERNAL_DIFF GIT_PAGER GIT_CONFIG_GLOBAL IFS PS4 PROMPT_COMMAND EDITOR PAGER";
  await using it = await openAttackSite({
    environment: Object.fromEntries(names.split(" ").map((name) => [name, `/${CANARY}`])),
  });
  expect((await it.sh("env; cat /proc/1/environ")).output).not.toContain(CANARY);
});
