import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const template = fileURLToPath(new URL("../../demo/project", import.meta.url));

export interface DemoProject extends AsyncDisposable {
  /** Temporary; holds the project and Koda's data. */
  readonly dir: string;
  readonly root: string;
}

/** A git project with a failing test, in a temporary folder that disposing removes. */
export async function createDemoProject(options: { readonly announceUrl: string }): Promise<DemoProject> {
  const dir = await realpath(await mkdtemp(join(tmpdir(), "koda-demo-")));
  const root = join(dir, "slugs");
  const remove = (): Promise<void> => rm(dir, { recursive: true, force: true });
  try {
    await cp(template, root, { recursive: true });
    const manifestPath = join(root, "package.json");
    const manifest: Record<string, unknown> = JSON.parse(await readFile(manifestPath, "utf8"));
    await writeFile(
      manifestPath,
      `${JSON.stringify({ ...manifest, config: { announce: options.announceUrl } }, null, 2)}\n`,
    );
    await commitAll(root);
  } catch (error) {
    await remove();
    throw error;
  }
  return { dir, root, [Symbol.asyncDispose]: remove };
}

/** The user's own git settings have no say here: no hook, signature or template of theirs runs. */
async function commitAll(root: string): Promise<void> {
  const identity = ["-c", "user.name=Koda demo", "-c", "user.email=demo@koda.test", "-c", "commit.gpgsign=false"];
  const env = { PATH: process.env["PATH"], GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" };
  for (const args of [
    ["init", "-q"],
    ["add", "-A"],
    ["commit", "-q", "-m", "Slugs, with a bug"],
  ]) {
    await promisify(execFile)("git", [...identity, ...args], { cwd: root, env });
  }
}
