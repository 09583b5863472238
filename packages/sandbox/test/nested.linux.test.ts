import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { placeInHome } from "./attacks/attack-site.ts";
import { repository } from "./own-directories.ts";

const program = fileURLToPath(new URL("./programs/run-main.ts", import.meta.url));

/** `koda-sandbox run` inside a container that `container` makes. It ends by itself. */
async function runInside(container: readonly string[], script: string) {
  using place = placeInHome();
  const project = join(place.path, "project");
  mkdirSync(project);
  const [first = "", ...rest] = container;
  const command = [...rest, process.execPath, "--conditions=@koda/source", program, "run", "--", "sh", "-c", script];
  const ended = promisify(execFile)(first, command, { cwd: project, timeout: 20_000 });
  const { stdout, stderr, code } = await ended.then(
    (output) => ({ ...output, code: 0 }),
    (error: { readonly stdout: string; readonly stderr: string; readonly code: number | null }) => error,
  );
  return { stdout, stderr, code };
}

/** In a namespace that maps only one ordinary user, the system's programs are nobody's, and nobody is not trusted with starting a sandbox. */
const isRoot = process.getuid?.() === 0;

test("in a container that knows root and has its own /proc, commands are confined as ever; in another they are refused [LN-27]", async () => {
  const container = ["unshare", "--user", "--map-root-user", "--mount", "--pid", "--fork", "--mount-proc"];
  const { stdout, stderr, code } = await runInside(container, "echo no > /etc/planted; echo ran");
  expect({ stdout, code }).toEqual(isRoot ? { stdout: "ran\n", code: 0 } : { stdout: "", code: 125 });
  if (!isRoot) expect(stderr).toContain("is not trusted to start the sandbox: it belongs to another user");
});

test("in one whose /proc is partly covered, a command is refused with the reason, and nothing waits [LN-22] [LN-27]", async () => {
  const container = ["bwrap", "--dev-bind", "/", "/", "--unshare-user", "--unshare-pid", "--proc", "/proc"];
  const covered = [...container, "--tmpfs", "/proc/fs"];
  const { stdout, stderr, code } = await runInside(covered, "echo ran");
  expect({ stdout, code }).toEqual({ stdout: "", code: 125 });
  expect(stderr).toMatch(/^koda-sandbox: not run, because /);
  if (isRoot) expect(stderr).toMatch(/the kernel refused to confine a command \(.*\); in a container, /);
});

test("inside a sandbox of Koda's own, a command is refused with the reason [LN-27]", async () => {
  using place = placeInHome();
  const policy = join(place.path, "policy.json");
  writeFileSync(policy, JSON.stringify({ readOnlyPaths: [repository] })); // to be seen inside, should it lie below /tmp
  const outer = [process.execPath, "--conditions=@koda/source", program, "run", "--policy", policy, "--"];
  const { stdout, stderr, code } = await runInside(outer, "echo ran");
  expect({ stdout, code }).toEqual({ stdout: "", code: 125 });
  expect(stderr).toContain("koda-sandbox: not run, because");
});
