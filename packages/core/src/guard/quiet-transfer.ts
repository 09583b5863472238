/**
 * Whether a command that reached other machines only fetched or sent files, and printed its own words on that: what
 * package managers install, and what git moves. Anything else, scripts of a package among it, may have printed what
 * someone outside wrote. `commands`: each simple command, as typed.
 */
export function isQuietTransfer(commands: readonly string[]): boolean {
  return commands.length > 0 && commands.every(isQuiet);
}

function isQuiet(command: string): boolean {
  const words = command.trim().split(/\s+/);
  const start = words.findIndex((word) => !/^\w+=/.test(word));
  const program = words[start] ?? "";
  const name = program.slice(program.lastIndexOf("/") + 1);
  if (ownWords.has(name)) return true;
  const [verb = "", object = ""] = withoutOptions(words.slice(start + 1));
  const verbs = fetchingVerbs.get(name);
  return verbs !== undefined && (verbs.has(verb) || verbs.has(`${verb} ${object}`));
}

/** From the verb on, without options. An option in front of it that is not known might take it for its value. */
function withoutOptions(words: readonly string[]): readonly string[] {
  let index = 0;
  while (words[index]?.startsWith("-")) {
    const option = words[index] ?? "";
    if (optionsOfPlace.has(option)) index += 2;
    else if (plainOptions.has(option) || /^--\w+=/.test(option)) index += 1;
    else return ["an unknown option"];
  }
  return words.slice(index).filter((word) => !word.startsWith("-"));
}

const optionsOfPlace: ReadonlySet<string> = new Set(["-C", "--prefix", "--dir", "--cwd", "--filter", "--directory"]);
const plainOptions: ReadonlySet<string> = new Set(["-r", "-y", "-q", "-w", "-s", "--quiet", "--silent", "--recursive"]);

/** What these print was in the command. */
const ownWords: ReadonlySet<string> = new Set("cd pushd popd mkdir export set true test [ echo printf".split(" "));

const fetchingVerbs: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries({
    // Not push: what a server says to it is printed.
    git: ["clone", "fetch", "pull"],
    npm: ["install", "i", "ci", "add", "update"],
    pnpm: ["install", "i", "add", "fetch", "update"],
    // Alone it installs.
    yarn: ["", "install", "add"],
    bun: ["install", "i", "add", "update"],
    pip: ["install", "download"],
    pip3: ["install", "download"],
    uv: ["sync", "add", "lock", "pip install", "pip sync"],
    poetry: ["install", "add", "lock", "update"],
    pdm: ["install", "add", "lock", "sync", "update"],
    cargo: ["fetch", "add", "update"],
    rustup: ["update", "install", "toolchain install", "component add", "target add"],
    go: ["get", "mod download", "mod tidy"],
    bundle: ["install", "update"],
    gem: ["install", "update"],
    composer: ["install", "require", "update"],
    dotnet: ["restore", "add"],
    nuget: ["restore", "install"],
    mix: ["deps.get"],
    apt: ["update", "install"],
    "apt-get": ["update", "install"],
    apk: ["update", "add"],
    dnf: ["install"],
    brew: ["update", "install"],
  }).map(([program, verbs]) => [program, new Set(verbs)]),
);
