/**
 * Whether a command that reached other machines only fetched or sent files, and printed its own words on that: package
 * managers and git. Anything else may have printed what someone outside wrote. `commands`: each simple command, as typed.
 */
export function isQuietTransfer(commands: readonly string[]): boolean {
  return commands.length > 0 && commands.every((command) => quietPrograms.has(programOf(command)));
}

function programOf(command: string): string {
  const words = command.trim().split(/\s+/, 16);
  const program = words.find((word) => !/^\w+=/.test(word)) ?? "";
  const name = program.slice(program.lastIndexOf("/") + 1);
  if (name !== "git") return name;
  const verb = words.find((word) => gitTransfers.has(word));
  return verb === undefined ? "git, otherwise" : name;
}

const gitTransfers: ReadonlySet<string> = new Set(["clone", "fetch", "pull", "push", "submodule", "lfs"]);

const quietPrograms: ReadonlySet<string> = new Set(
  (
    "git npm pnpm yarn bun pip pip3 uv poetry pdm cargo rustup go mvn gradle gradlew bundle gem composer dotnet mix nuget " +
    "apt apt-get apk dnf brew corepack node-gyp cmake make ninja tsc cd pushd popd mkdir export set source true test [ echo " +
    "printf"
  ).split(" "),
);
