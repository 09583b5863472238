import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { createFilter } from "../src/filter/filter.ts";
import { openSandbox } from "../src/open-sandbox.ts";
import { createPolicy } from "../src/policy/policy.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

interface Place extends Disposable {
  readonly project: string;
  readonly home: string;
  readonly ownData: string;
}

function createPlace(): Place {
  const directory = temporaryDirectory();
  const [project, home, ownData] = ["project", "home", "own"].map((name) => join(directory.path, name));
  if (!project || !home || !ownData) throw new Error("three names");
  for (const path of [project, home]) mkdirSync(path);
  return { project, home, ownData, [Symbol.dispose]: () => directory[Symbol.dispose]() };
}

const program = fileURLToPath(new URL("./programs/plant-main.ts", import.meta.url));

/** A program that uses the sandbox, killed when its command has printed a line; or has ended, where the script says so. */
async function killAfter({ project, home, ownData }: Place, script: string): Promise<void> {
  const child = spawn(process.execPath, [program, project, home, ownData, script], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { PATH: process.env["PATH"], HOME: home },
  });
  await once(child.stdout, "data");
  child.kill("SIGKILL");
  await once(child, "close");
}

/** Opens a sandbox on the same project and data, and gives its warnings. */
async function reopen({ project, home, ownData }: Place): Promise<string[]> {
  await using sandbox = await openSandbox({
    policy: createPolicy({ projectRoot: project, home, privateDirs: [ownData] }),
    filter: createFilter({}),
    searchPath: process.env["PATH"] ?? "",
    environment: { PATH: process.env["PATH"], HOME: home },
  });
  return sandbox.warnings.map(({ message }) => message);
}

test("what a command planted before Koda was killed is moved away by the next sandbox, which says so [LF-04, LF-13]", async () => {
  using place = createPlace();
  await killAfter(place, "echo evil > .mcp.json; mkdir .vscode; echo x > kept; echo done; sleep 600");
  expect(readdirSync(place.project).toSorted()).toEqual([".mcp.json", ".vscode", "kept"]);
  const warnings = await reopen(place);
  expect(readdirSync(place.project)).toEqual(["kept"]);
  expect(warnings).toHaveLength(2);
  const moved = /"[^"]*\.mcp\.json".*moved to "(.*)"$/.exec(warnings.find((each) => each.includes(".mcp.json")) ?? "");
  expect(readFileSync(moved?.[1] ?? "", "utf8")).toBe("evil\n");
  expect(await reopen(place)).toEqual([]);
  expect(readdirSync(join(place.ownData, "running"))).toEqual([]);
});

test("what stands in the place of a link is moved away; a link is not made from what a file says", async () => {
  using place = createPlace();
  symlinkSync("elsewhere", join(place.project, ".envrc"));
  await killAfter(place, "rm .envrc; echo evil > .envrc; echo done; sleep 600");
  expect(await reopen(place)).toHaveLength(1);
  expect(readdirSync(place.project)).toEqual([]);
});

test("what the user made after the last command had ended is the user's", async () => {
  using place = createPlace();
  await killAfter(place, "echo done # ends");
  writeFileSync(join(place.project, ".envrc"), "mine");
  expect(await reopen(place)).toEqual([]);
  expect(readFileSync(join(place.project, ".envrc"), "utf8")).toBe("mine");
});

test("a journal that cannot be read, and one of another process that lives, harm nobody", async () => {
  using place = createPlace();
  const journals = join(place.ownData, "running");
  mkdirSync(journals, { recursive: true, mode: 0o700 });
  writeFileSync(join(journals, "1-x.json"), '1{"watched":[{"path":"relative"}]}');
  writeFileSync(join(journals, "2-x.json"), "");
  const startTime = readFileSync("/proc/self/stat", "utf8").split(") ")[1]?.split(" ")[19];
  const watched = [{ path: join(place.project, "kept"), linkTarget: null }];
  const living = { pid: process.pid, startTime, watched, absentGitDirectories: [], quarantineDirs: [place.ownData] };
  writeFileSync(join(journals, "3-x.json"), `1${JSON.stringify(living)}`);
  writeFileSync(join(place.project, "kept"), "");
  expect(await reopen(place)).toEqual([]);
  expect(readdirSync(place.project)).toEqual(["kept"]);
  expect(readdirSync(journals)).toEqual(["3-x.json"]);
});

test("a journal moves nothing that is not protected, and one that others could have written is not read", async () => {
  using place = createPlace();
  const journals = join(place.ownData, "running");
  mkdirSync(journals, { recursive: true, mode: 0o700 });
  const forged = (...paths: string[]) =>
    `1${JSON.stringify({ pid: 1, watched: paths.map((path) => ({ path, linkTarget: null })), absentGitDirectories: [] })}`;
  for (const name of ["kept", ".envrc"]) writeFileSync(join(place.project, name), "");
  writeFileSync(join(journals, "1-x.json"), forged(join(place.project, "kept")));
  expect(await reopen(place)).toEqual([]);
  chmodSync(journals, 0o777);
  writeFileSync(join(journals, "1-x.json"), forged(join(place.project, ".envrc")));
  expect(await reopen(place)).toEqual([]);
  expect(readdirSync(place.project).toSorted()).toEqual([".envrc", "kept"]);
});

test("a command cannot write a journal, not even before there is one [LF-09]", async () => {
  using place = createPlace();
  await using sandbox = await openSandbox({
    policy: createPolicy({ projectRoot: place.home, home: place.home, privateDirs: [join(place.home, ".own/data")] }),
    filter: createFilter({}),
    searchPath: process.env["PATH"] ?? "",
    environment: { PATH: process.env["PATH"], HOME: place.home },
  });
  await sandbox.run({
    argv: [
      "bash",
      "-c",
      "mkdir -p .own/data/running && echo 1 > .own/data/running/x; mv .own x; mkdir -p .own/data/running",
    ],
    clientId: "forger",
    isReadOnly: false,
    timeoutMs: 10_000,
  });
  expect(readdirSync(place.home)).toEqual([".own"]);
  const journals = readdirSync(join(place.home, ".own/data"), { recursive: true }).map(String);
  expect(journals.filter((name) => name === "running/x")).toEqual([]);
});
