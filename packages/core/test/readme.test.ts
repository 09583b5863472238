import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import type { CoreErrorCode } from "../src/errors.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

test("the TypeScript of the README runs as it stands, as one program", async () => {
  const code = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, block]) => block).join("\n");
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ["--conditions=@koda/source", "--input-type=module-typescript", "--eval", code],
    { cwd: fileURLToPath(new URL("..", import.meta.url)) },
  );
  expect(stderr).toBe("");
  expect(stdout.split("\n")).toEqual([
    "tool: 12:00 in UTC",
    "It is 12:00 in UTC.",
    "recorded",
    "again: It is 12:00 in UTC.",
    "4 entries so far",
    "",
  ]);
});

test("the README explains every error code, once", () => {
  const codes: Record<CoreErrorCode, true> = {
    bad_session_id: true,
    session_not_found: true,
    session_ambiguous: true,
    session_busy: true,
    session_paused: true,
    session_ended: true,
    lease_lost: true,
    nothing_to_continue: true,
    provider_mismatch: true,
    provider_unavailable: true,
    provider_unconfigured: true,
    enforcement_missing: true,
    duplicate_tool: true,
    bad_rule: true,
    bad_path: true,
    bad_project_root: true,
    bad_option: true,
    bad_cursor: true,
    bad_import: true,
    unsupported_version: true,
    volatile_store: true,
    bad_hook: true,
    bad_secret_rule: true,
    store_newer: true,
    store_failed: true,
    store_rejected: true,
  };
  const explained = [...readme.matchAll(/^\| `([a-z_]+)` +\|/gm)].map(([, code]) => code);
  expect(explained.toSorted()).toEqual(Object.keys(codes).toSorted());
});
