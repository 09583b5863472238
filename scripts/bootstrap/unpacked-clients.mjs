import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { root, say } from "./run.mjs";

/**
 * Clients that the sandbox's tests send through its proxies. Installed, they bring a compiler each along, 230 MB and 1 GB
 * on the disk, to fetch one file: where there is apt, the program is taken out of its (verified) package instead, into
 * the toolchain's directory. Elsewhere, or where that does not work, they are installed like any other tool.
 */
export const unpackedClients = [
  {
    program: "cargo",
    packageName: "cargo",
    packageNames: { pacman: "rust" },
    versionArgument: "--version",
    start: 'LD_LIBRARY_PATH=$(echo "$here"/usr/lib/*-linux-gnu) exec "$here/usr/bin/cargo" "$@"',
  },
  {
    program: "go",
    packageName: "golang-go",
    packageNames: { dnf: "golang", yum: "golang", pacman: "go", zypper: "go", apk: "go" },
    versionArgument: "version",
    start: 'export GOROOT=$(echo "$here"/usr/lib/go-*); exec "$GOROOT/bin/go" "$@"',
  },
];

const home = join(root, ".toolchain", "test-clients");
const starterPath = (program) => join(home, "bin", program);

/** Those of `clients` that are neither on the PATH nor could be unpacked: they are to be installed. */
export function unpackClients(clients) {
  if (process.platform !== "linux") return [];
  return clients.filter((client) => !isOnPath(client.program) && !runs(client) && !unpack(client));
}

function unpack(client) {
  if (!["apt-get", "dpkg-deb"].every(isOnPath)) return false;
  say(`Taking ${client.program} for the tests out of the package ${client.packageName} …`);
  const [target, partial] = [join(home, client.program), join(home, `${client.program}.partial`)];
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  takePackages(client.packageName, partial);
  rmSync(target, { recursive: true, force: true });
  renameSync(partial, target);
  mkdirSync(join(home, "bin"), { recursive: true });
  // Found from where it lies itself: the repository may be moved.
  const here = `here=$(dirname "$(dirname "$(readlink -f "$0")")")/${client.program}`;
  writeFileSync(starterPath(client.program), `#!/bin/sh\n${here}\n${client.start}\n`, { mode: 0o755 });
  if (runs(client)) return true;
  rmSync(target, { recursive: true });
  rmSync(starterPath(client.program));
  return false;
}

/** The package, then what it needs, then what that needs, until nothing is missing. */
function takePackages(first, directory) {
  const taken = new Set();
  for (let names = [first]; names.length > 0; ) {
    const downloads = mkdtempSync(join(directory, "download-"));
    spawnSync("apt-get", ["download", ...names], { cwd: downloads, stdio: "ignore" });
    for (const name of names) taken.add(name);
    const needed = readdirSync(downloads).flatMap((file) => take(join(downloads, file), directory));
    names = [...new Set(needed)].filter((name) => !taken.has(name) && !isPackageInstalled(name));
    rmSync(downloads, { recursive: true });
  }
}

/** Unpacks one package and says what it needs. Of Go's only the program, which comes early in it: the rest is 300 MB. */
function take(deb, directory) {
  const field = (name) => spawnSync("dpkg-deb", ["--field", deb, name], { encoding: "utf8" }).stdout;
  const version = /^golang-([\d.]+)-go\s*$/.exec(field("Package"))?.[1];
  const script = `dpkg-deb --fsys-tarfile "$1" | tar -x -C "$2" --occurrence=1 "./usr/lib/go-$3/bin/go"`;
  if (version === undefined) spawnSync("dpkg-deb", ["--extract", deb, directory], { stdio: "ignore" });
  else spawnSync("sh", ["-c", script, "sh", deb, directory, version], { stdio: "ignore" });
  return dependenciesToTake(field("Depends"));
}

/** Of a package's `Depends`: libraries, and the package behind `golang-go`. Not the compilers. */
export function dependenciesToTake(depends) {
  const names = depends.split(",").map((dependency) => dependency.trim().split(/[\s:|(]/)[0]);
  return names.filter((name) => /^lib|^golang-[\d.]+-go$/.test(name));
}

const runs = ({ program, versionArgument }) =>
  spawnSync(starterPath(program), [versionArgument], { stdio: "ignore" }).status === 0;
const isOnPath = (program) =>
  (process.env.PATH ?? "").split(":").some((directory) => directory !== "" && existsSync(join(directory, program)));
const isPackageInstalled = (name) =>
  spawnSync("dpkg-query", ["--status", name], { encoding: "utf8" }).stdout.includes("\nStatus: install ok installed\n");
