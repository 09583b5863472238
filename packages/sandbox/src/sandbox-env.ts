/** Variables of the user's environment that a confined command may see. Secrets, and what makes programs load code, are not among them. */
export const ALLOWED_VARIABLES: readonly string[] = [
  "CI",
  "CLICOLOR",
  "CLICOLOR_FORCE",
  "COLORTERM",
  "COLUMNS",
  "FORCE_COLOR",
  "GIT_AUTHOR_EMAIL",
  "GIT_AUTHOR_NAME",
  "GIT_COMMITTER_EMAIL",
  "GIT_COMMITTER_NAME",
  "GOROOT",
  "HOME",
  "JAVA_HOME",
  "LANG",
  "LANGUAGE",
  "LC_ALL",
  "LC_COLLATE",
  "LC_CTYPE",
  "LC_MESSAGES",
  "LC_MONETARY",
  "LC_NUMERIC",
  "LC_TIME",
  "LINES",
  "LOGNAME",
  "NO_COLOR",
  "NVM_DIR",
  "PATH",
  "PYENV_ROOT",
  "PYENV_VERSION",
  "RUSTUP_HOME",
  "RUSTUP_TOOLCHAIN",
  "SDKMAN_DIR",
  "SHELL",
  "TERM",
  "TZ",
  "USER",
  "VIRTUAL_ENV",
  "VOLTA_HOME",
];

/** The allowlisted part of `environment`; absent variables stay absent. */
export function scrubEnvironment(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of ALLOWED_VARIABLES) {
    const value = environment[name];
    if (value !== undefined && !value.includes("\0")) kept[name] = value;
  }
  return kept;
}

/** Where tools may keep their caches: in the session's private directory, since the home is read-only. */
export function cacheEnvironment(temporaryDirectory: string): Record<string, string> {
  const cache = `${temporaryDirectory}/.cache`;
  return {
    TMPDIR: temporaryDirectory,
    XDG_CACHE_HOME: cache,
    XDG_STATE_HOME: `${cache}/state`,
    BUN_INSTALL_CACHE_DIR: `${cache}/bun`,
    BUNDLE_USER_HOME: `${cache}/bundle`,
    CARGO_HOME: `${cache}/cargo`,
    COMPOSER_HOME: `${cache}/composer`,
    COREPACK_HOME: `${cache}/corepack`,
    DENO_DIR: `${cache}/deno`,
    DOTNET_CLI_HOME: `${cache}/dotnet`,
    GEM_SPEC_CACHE: `${cache}/gem`,
    GOCACHE: `${cache}/go-build`,
    GOPATH: `${cache}/go`,
    GRADLE_USER_HOME: `${cache}/gradle`,
    HISTFILE: "/dev/null",
    MAVEN_OPTS: `-Dmaven.repo.local=${cache}/m2`, // Maven reads MAVEN_ARGS only from 3.9 on
    NODE_REPL_HISTORY: "",
    NUGET_PACKAGES: `${cache}/nuget`,
    PIP_CACHE_DIR: `${cache}/pip`,
    PIP_DISABLE_PIP_VERSION_CHECK: "1",
    PNPM_HOME: `${cache}/pnpm`,
    PYTHON_HISTORY: "/dev/null",
    UV_CACHE_DIR: `${cache}/uv`,
    YARN_CACHE_FOLDER: `${cache}/yarn`,
    YARN_GLOBAL_FOLDER: `${cache}/yarn-global`,
    npm_config_cache: `${cache}/npm`,
    npm_config_logs_max: "0",
    npm_config_update_notifier: "false",
    pnpm_config_store_dir: `${cache}/pnpm-store`, // npm warns about any npm_config_ that it does not know
  };
}

/** Keeps git from running what a repository inside the project names when it is only looked at (BC-10). */
const GIT_SETTINGS: readonly (readonly [name: string, value: string])[] = [
  ["core.fsmonitor", "false"],
  ["safe.bareRepository", "explicit"],
];

/** `environment` with our settings after those that its `GIT_CONFIG_COUNT` counts (git-config(1)): of two for one name, git obeys the last. */
export function withGitSettings(environment: Readonly<Record<string, string>>): Record<string, string> {
  const given = Number.parseInt(environment["GIT_CONFIG_COUNT"] ?? "", 10) || 0;
  const first = Math.max(given, 0); // git itself refuses what is no count
  const entries = GIT_SETTINGS.flatMap(([name, value], index) => [
    [`GIT_CONFIG_KEY_${first + index}`, name],
    [`GIT_CONFIG_VALUE_${first + index}`, value],
  ]);
  return { ...environment, GIT_CONFIG_COUNT: `${first + GIT_SETTINGS.length}`, ...Object.fromEntries(entries) };
}
