import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../bin/koda.js", import.meta.url));

/** A home and a project of their own, so that tests know nothing of each other or of this machine's user. */
export interface Place extends AsyncDisposable {
  readonly home: string;
  readonly project: string;
}

export async function createPlace(files: Readonly<Record<string, string>> = {}): Promise<Place> {
  const dir = await realpath(await mkdtemp(join(tmpdir(), "koda-test-")));
  const home = join(dir, "home");
  const project = join(dir, "project");
  await mkdir(home);
  await mkdir(project);
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), text);
  }
  return { home, project, [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }) };
}

export interface KodaRun {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
}

/** Starts the built program as a shell would. The environment holds nothing but what a fresh account has. */
export function startKoda(
  place: Place,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  stdio: StdioOptions = ["ignore", "pipe", "pipe"],
): { readonly child: ChildProcess; readonly done: Promise<KodaRun> } {
  return start(place, [process.execPath, program, ...args], environment, stdio);
}

/** The same with a terminal of its own (util-linux `script`): `stdout` is all that it was sent. */
export function runKodaOnTerminal(place: Place, args: readonly string[]): Promise<KodaRun> {
  const words = [process.execPath, program, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`);
  return start(place, ["script", "-qec", words.join(" "), "/dev/null"], {}, ["ignore", "pipe", "pipe"]).done;
}

function start(
  place: Place,
  argv: readonly string[],
  environment: Readonly<Record<string, string>>,
  stdio: StdioOptions,
): { readonly child: ChildProcess; readonly done: Promise<KodaRun> } {
  const [command = "", ...words] = argv;
  const child = spawn(command, words, {
    cwd: place.project,
    env: {
      HOME: place.home,
      PATH: [dirname(process.execPath), process.env["PATH"]].join(":"),
      LANG: "C.UTF-8",
      ...environment,
    },
    stdio,
  });
  return { child, done: collect(child) };
}

export function runKoda(
  place: Place,
  args: readonly string[],
  environment?: Readonly<Record<string, string>>,
): Promise<KodaRun> {
  return startKoda(place, args, environment).done;
}

/** A folder that has every program of PATH but those named; for machines that lack one. */
export async function pathWithout(place: Place, ...names: readonly string[]): Promise<string> {
  const bin = join(place.home, "..", "bin");
  await mkdir(bin);
  for (const dir of ["/usr/bin", "/bin", "/usr/sbin", "/sbin"]) {
    for (const name of await readdir(dir)) {
      if (!names.includes(name)) await symlink(join(dir, name), join(bin, name)).catch(ignoreExisting);
    }
  }
  return bin;
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== "EEXIST") throw error;
}

function collect(child: ChildProcess): Promise<KodaRun> {
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ stdout, stderr, code }));
  });
}
