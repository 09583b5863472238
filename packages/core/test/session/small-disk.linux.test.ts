import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "koda-small-disk-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test("a disk that fills up in a turn costs it one warning, and all is saved when there is room again", () => {
  const program = fileURLToPath(new URL("fixtures/small-disk-turn.ts", import.meta.url));
  const mounted = 'mount -t tmpfs -o size=2m none "$0" && exec "$1" "$2" "$0"';
  const { stdout, stderr } = spawnSync(
    "unshare",
    ["--user", "--map-root-user", "--mount", "sh", "-c", mounted, directory, process.execPath, program],
    { encoding: "utf8" },
  );
  expect(stderr).toBe("");
  expect(JSON.parse(stdout)).toMatchObject({
    end: { type: "turn-end", outcome: { kind: "complete", text: "word ".repeat(8000) } },
    warnings: ["persistence_failed"],
    laterWarnings: 0,
    whileFull: ["user"],
    entries: ["user", "assistant", "turn-end", "user", "assistant", "turn-end"],
  });
});
