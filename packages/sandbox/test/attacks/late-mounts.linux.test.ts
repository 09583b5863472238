import { execFile } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { placeInHome } from "./attack-site.ts";

test("what the machine mounts after a session has opened is neither seen nor written by its commands [LF-01]", async () => {
  using place = placeInHome();
  const [project, home] = [join(place.path, "project"), join(place.path, "home")];
  for (const directory of [project, home]) mkdirSync(directory);
  const program = fileURLToPath(new URL("../programs/late-mount-main.ts", import.meta.url));
  const own = process.getuid?.() === 0 ? ["--mount"] : ["--user", "--map-root-user", "--mount"];
  const command = [process.execPath, "--conditions=@koda/source", program, project, home, join(place.path, "disk")];
  const { stdout } = await promisify(execFile)("unshare", [...own, "--", ...command]);
  // A namespace of an ordinary user knows no root, so that nothing there is trusted to confine: that the mount is one that spreads is all it shows.
  const isRoot = process.getuid?.() === 0;
  const unconfined = { enforcement: "env-only", seen: "1", left: ["planted"] };
  expect(JSON.parse(stdout)).toEqual(isRoot ? { enforcement: "kernel", seen: "0", left: [] } : unconfined);
});
