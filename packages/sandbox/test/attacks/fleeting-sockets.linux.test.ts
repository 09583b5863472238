import { once } from "node:events";
import { readdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openTestSandbox } from "../open-test-sandbox.ts";

/** A program of the machine that makes and removes sockets all the time, where commands can see them. */
async function flicker(path: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const server = createServer().listen(path);
    const isThere = await once(server, "listening").then(
      () => true,
      () => false,
    ); // an empty file may be there for a moment
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (!isThere) continue;
    server.close();
    await once(server, "close");
  }
}

test("sockets of the machine that come and go stop neither commands nor the opening of a sandbox [LN-03]", async () => {
  const stop = new AbortController();
  const flickering: Promise<void>[] = [];
  const prepare = ({ project }: { readonly project: string }) => {
    for (const name of ["a", "b"]) flickering.push(flicker(join(project, name), stop.signal));
  };
  try {
    await using it = await openTestSandbox({ prepare });
    for (let round = 0; round < 30; round += 1) {
      expect(await it.sh("echo ran")).toMatchObject({ exitCode: 0, output: "ran\n" });
    }
    stop.abort();
    await Promise.all(flickering);
    await it.sh("true");
    expect(readdirSync(it.project)).toEqual([".git"]);
  } finally {
    stop.abort();
  }
});
