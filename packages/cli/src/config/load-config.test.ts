import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadConfig } from "./load-config.ts";

let dir = "";
beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), "koda-config-")));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const load = (cwd: string, environment: Record<string, string> = {}, flags = {}) =>
  loadConfig({ flags, environment: { HOME: dir, ...environment }, cwd });

function plantRepository(root: string): void {
  mkdirSync(join(root, ".git"), { recursive: true });
  writeFileSync(join(root, ".git", "HEAD"), "ref: refs/heads/main\n");
}

test("the project is the repository around the current folder, links resolved", () => {
  plantRepository(join(dir, "repo"));
  mkdirSync(join(dir, "repo", "a", "b"), { recursive: true });
  symlinkSync(join(dir, "repo"), join(dir, "link"));
  expect(load(join(dir, "link", "a", "b")).projectRoot).toBe(join(dir, "repo"));
});

test("a repository that is the home folder does not make the home the project", () => {
  plantRepository(dir);
  mkdirSync(join(dir, "work"));
  expect(load(join(dir, "work")).projectRoot).toBe(join(dir, "work"));
});

test("an empty .git around the current folder is no repository", () => {
  mkdirSync(join(dir, "a", ".git"), { recursive: true });
  mkdirSync(join(dir, "a", "b"));
  expect(load(join(dir, "a", "b"), { HOME: "/" }).projectRoot).toBe(join(dir, "a", "b"));
});

test("a repository in a folder that everybody may write chooses the project of nobody below it", () => {
  plantRepository(join(dir, "shared"));
  mkdirSync(join(dir, "shared", "mine"));
  chmodSync(join(dir, "shared"), 0o1777);
  expect(load(join(dir, "shared", "mine"), { HOME: "/" }).projectRoot).toBe(join(dir, "shared", "mine"));
  expect(load(join(dir, "shared"), { HOME: "/" }).projectRoot).toBe(join(dir, "shared"));
});

test("a flag wins over the environment", () => {
  const config = load(
    dir,
    { OPENAI_BASE_URL: "http://env.test/v1", KODA_MODEL: "env", KODA_MODE: "safe" },
    { model: "flag", mode: "plan" },
  );
  expect(config.provider).toEqual({ apiKey: null, baseUrl: "http://env.test/v1", model: "flag" });
  expect(config.mode).toBe("plan");
});

test("nothing is taken from a file in the project", () => {
  plantRepository(join(dir, "repo"));
  expect(load(join(dir, "repo")).provider).toEqual({ apiKey: null, baseUrl: null, model: null });
});

test.each([
  [{ KODA_HOME: "/k" }, "/k"],
  [{ XDG_DATA_HOME: "/x" }, "/x/koda"],
  [{ XDG_DATA_HOME: "relative" }, "HOME/.local/share/koda"],
  [{}, "HOME/.local/share/koda"],
])("with %j Koda's data lies in %s", (environment, expected) => {
  expect(load(dir, environment).dataDir).toBe(expected.replace("HOME", dir));
});

test("a bad mode or folder is refused by name", () => {
  expect(() => load(dir, { KODA_MODE: "yolo" })).toThrow(/KODA_MODE is "yolo"/);
  expect(() => load(dir, {}, { projectRoot: "missing" })).toThrow(/not a folder.*missing/);
});
