import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadKeyFiles } from "../../src/guard/load-key-files.ts";

let directory = "";
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "koda-keys-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

test("what is no regular file of a sensible size is passed over, and a pipe is not waited for", async () => {
  await writeFile(join(directory, ".env"), "API_KEY=abc");
  await writeFile(join(directory, "large"), Buffer.alloc(300 * 1024));
  execFileSync("mkfifo", [join(directory, "pipe")]);
  const paths = [".env", "large", "pipe", "absent"].map((name) => join(directory, name));
  expect(await loadKeyFiles([...paths, directory])).toEqual(["API_KEY=abc"]);
});
