import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { displayPath, isInside, resolvePath } from "./resolve-path.ts";

let base = "";
let root = "";

beforeAll(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "koda-resolve-")));
  root = join(base, "proj");
  mkdirSync(join(root, "src"), { recursive: true });
  mkdirSync(join(base, "outside"));
  writeFileSync(join(root, "src", "a"), "");
  symlinkSync(join(base, "outside"), join(root, "link"));
  symlinkSync("../outside/missing", join(root, "dangling"));
  symlinkSync("loop", join(root, "loop"));
  symlinkSync("src", join(root, "inner"));
});
afterAll(() => rmSync(base, { recursive: true }));

describe("resolvePath", () => {
  test.each([
    ["src/a", "proj/src/a"],
    ["./src//../src/a", "proj/src/a"],
    ["src/a/", "proj/src/a"],
    ["new/deep/f", "proj/new/deep/f"],
    ["inner/a", "proj/src/a"],
    ["inner/new", "proj/src/new"],
    ["FT-03 link/f", "proj/FT-03 link/f"],
    ["link/f", "outside/f"],
    ["link/new/f", "outside/new/f"],
    ["dangling", "outside/missing"],
    ["dangling/x", "outside/missing/x"],
    ["../proj-evil/x", "proj-evil/x"],
    ["loop", "proj/loop"],
    [".", "proj"],
  ])("%s leads to %s", async (path, expected) => {
    expect(await resolvePath(path, { projectRoot: root })).toBe(join(base, expected));
  });

  test("a link in the last place can be kept", async () => {
    expect(await resolvePath("link", { projectRoot: root, finalLink: "keep" })).toBe(join(root, "link"));
    expect(await resolvePath("inner/link", { projectRoot: root, finalLink: "keep" })).toBe(join(root, "src", "link"));
  });

  test.each([[""], ["a\0b"]])("%j is refused", async (path) => {
    await expect(resolvePath(path, { projectRoot: root })).rejects.toMatchObject({ code: "bad_path" });
  });
});

describe("isInside", () => {
  test.each([
    ["/p", "/p", true],
    ["/p", "/p/a", true],
    ["/p", "/p/..a", true],
    ["/p", "/p-evil", false],
    ["/p", "/", false],
    ["/p", "/q/p", false],
    ["/", "/etc", true],
  ])("%s holds %s: %s", (holder, path, expected) => {
    expect(isInside(holder, path)).toBe(expected);
  });

  test("what is shown relative leads back to the same path", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("a", "..", "p", "..b", "."), { maxLength: 5 }), (parts) => {
        const path = join("/p", ...parts);
        expect(join("/p", displayPath("/p", path)) === path || displayPath("/p", path) === path).toBe(true);
      }),
    );
  });
});
