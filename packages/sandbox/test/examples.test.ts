import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const directory = join(import.meta.dirname, "../examples");

test.each(readdirSync(directory))("the example %s holds what it says, and ends by itself", async (name) => {
  const run = promisify(execFile)(process.execPath, ["--conditions=@koda/source", join(directory, name)]);
  await expect(run).resolves.toEqual({ stdout: "", stderr: "" });
});
