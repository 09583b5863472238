import { expect, test } from "vitest";
import { ALLOWED_VARIABLES, scrubEnvironment } from "../sandbox-env.ts";
import {
  PROTECTED_GIT_PATHS,
  PROTECTED_HOME_PATHS,
  PROTECTED_PROJECT_PATHS,
  SECRET_HOME_PATHS,
  SECRET_SYSTEM_PATHS,
} from "./always-denied.ts";

// Literal copies on purpose: a change here is a change of what Koda promises, and belongs in SECURITY.md too.

test("what a project may never have written is pinned", () => {
  expect(PROTECTED_PROJECT_PATHS.join(" ")).toBe(
    ".claude .codex .cursor .devcontainer .envrc .gemini .githooks .gitmodules .husky .idea .koda .mcp.json .vscode",
  );
});

test("what git runs is pinned", () => {
  expect(PROTECTED_GIT_PATHS.join(" ")).toBe("commondir config config.worktree gitdir hooks info/attributes");
});

test("what a login reads is pinned", () => {
  expect(PROTECTED_HOME_PATHS.join(" ")).toBe(
    ".bash_aliases .bash_login .bash_logout .bash_profile .bashrc .cargo/bin .cargo/config.toml .condarc .config/autostart .config/environment.d .config/fish .config/git .config/nvim .config/pip .config/systemd .emacs .emacs.d .gemrc .gitconfig .inputrc .local/bin .local/share/applications .npmrc .pam_environment .profile .pypirc .ripgreprc .tmux.conf .vim .vimrc .xprofile .xsession .yarnrc .yarnrc.yml .zlogin .zlogout .zprofile .zshenv .zshrc bin",
  );
});

test("secrets below the home are pinned", () => {
  expect(SECRET_HOME_PATHS.join(" ")).toBe(
    ".1password .android .aws .azure .bash_history .cache/huggingface/token .cargo/credentials .cargo/credentials.toml .claude .claude.json .codex .colima .config/1Password .config/Bitwarden .config/Bitwarden CLI .config/BraveSoftware .config/chromium .config/containers .config/doppler .config/fly .config/gcloud .config/gh .config/git/credentials .config/github-copilot .config/glab-cli .config/google-chrome .config/helm .config/heroku .config/hub .config/koda .config/microsoft-edge .config/netlify .config/op .config/opera .config/rclone .config/sops .config/stripe .config/vercel .config/vivaldi .docker/config.json .docker/desktop .docker/run .fly .gem/credentials .gemini .git-credentials .gnupg .gradle/gradle.properties .huggingface .kube .lima .local/share/keyrings .local/share/koda .local/share/kwalletd .m2/settings-security.xml .m2/settings.xml .mozilla .my.cnf .netrc .node_repl_history .npmrc .nuget/NuGet/NuGet.Config .orbstack .password-store .pgpass .psql_history .pypirc .python_history .rd .ssh .terraform.d .terraformrc .thunderbird .var/app .vault-token .yarnrc.yml .zsh_history snap",
  );
});

test("secrets of the system are pinned", () => {
  expect(SECRET_SYSTEM_PATHS.join(" ")).toBe(
    "/etc/gshadow /etc/gshadow- /etc/shadow /etc/shadow- /etc/ssh/ssh_host_dsa_key /etc/ssh/ssh_host_ecdsa_key /etc/ssh/ssh_host_ed25519_key /etc/ssh/ssh_host_rsa_key /etc/ssl/private /etc/sudoers /etc/sudoers.d /var/lib/docker /var/spool/cron",
  );
});

test("variables that reach a command are pinned", () => {
  expect(ALLOWED_VARIABLES.join(" ")).toBe(
    "CI CLICOLOR CLICOLOR_FORCE COLORTERM COLUMNS FORCE_COLOR GIT_AUTHOR_EMAIL GIT_AUTHOR_NAME GIT_COMMITTER_EMAIL GIT_COMMITTER_NAME GOROOT HOME JAVA_HOME LANG LANGUAGE LC_ALL LC_COLLATE LC_CTYPE LC_MESSAGES LC_MONETARY LC_NUMERIC LC_TIME LINES LOGNAME NO_COLOR NVM_DIR PATH PYENV_ROOT PYENV_VERSION RUSTUP_HOME RUSTUP_TOOLCHAIN SDKMAN_DIR SHELL TERM TZ USER VIRTUAL_ENV VOLTA_HOME",
  );
});

test("no variable whose name tells of a secret, or that makes a program load code, reaches a command", () => {
  const names = [
    "AWS_SECRET_ACCESS_KEY",
    "GITHUB_TOKEN",
    "SSH_AUTH_SOCK",
    "DBUS_SESSION_BUS_ADDRESS",
    "DISPLAY",
    "LD_PRELOAD",
  ];
  const code = [
    "NODE_OPTIONS",
    "BASH_ENV",
    "ENV",
    "PYTHONPATH",
    "PERL5OPT",
    "GIT_SSH_COMMAND",
    "PS4",
    "PROMPT_COMMAND",
  ];
  expect(scrubEnvironment(Object.fromEntries([...names, ...code].map((name) => [name, "x"])))).toEqual({});
  expect(ALLOWED_VARIABLES.filter((name) => /KEY|TOKEN|SECRET|PASS|CRED|AUTH$|SOCK/.test(name))).toEqual([]);
});
