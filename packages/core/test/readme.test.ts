import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import type { CoreErrorCode } from "../src/errors.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

test("the example of the README runs as it stands", async () => {
  const code = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? "";
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ["--conditions=@koda/source", "--input-type=module-typescript", "--eval", code],
    { cwd: fileURLToPath(new URL("..", import.meta.url)) },
  );
  expect(stderr).toBe("");
  expect(stdout).toBe("tool: 12:00 in UTC\nIt is 12:00 in UTC.\n");
});

test("the README explains every error code", () => {
  const codes: Record<CoreErrorCode, true> = {
    bad_session_id: true,
    session_not_found: true,
    session_ambiguous: true,
    session_busy: true,
    provider_mismatch: true,
    provider_unavailable: true,
    provider_unconfigured: true,
    enforcement_missing: true,
    duplicate_tool: true,
    bad_rule: true,
    bad_path: true,
    bad_project_root: true,
    store_newer: true,
    store_failed: true,
    store_rejected: true,
  };
  for (const code of Object.keys(codes)) expect(readme).toContain(`\`${code}\``);
});
