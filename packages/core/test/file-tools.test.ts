import { execFileSync } from "node:child_process";
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { writeTool } from "../src/tools/write.ts";
import { ToolBench } from "./fakes/tool-bench.ts";

let bench: ToolBench;
const put = (path: string, content: string | Buffer): string => {
  const absolute = join(bench.root, path);
  mkdirSync(join(absolute, ".."), { recursive: true });
  writeFileSync(absolute, content);
  return absolute;
};
const get = (path: string): string => readFileSync(join(bench.root, path), "utf8");

beforeEach(() => {
  const current = new ToolBench();
  bench = current;
  onTestFinished(() => current[Symbol.dispose]());
});

/** Names that a file may have and a careless program trips over. */
const oddNames = ["with space", "-rf", "quote'\"s", "new\nline", "$(touch x)", "*", "ünïcode", "#hash", "~tilde"];

describe("Read", () => {
  test("numbers the lines and says that it was all", async () => {
    put("a.txt", "one\r\n\ntwo");
    expect(await bench.call("Read", { path: "a.txt" })).toEqual({
      text: "a.txt, lines 1-3:\n1\tone\n2\t\n3\ttwo\n[end of file]",
      isError: false,
    });
  });

  test("reads a part, and says how to read on", async () => {
    put("a.txt", "1\n2\n3\n4\n");
    const { text } = await bench.call("Read", { file_path: "a.txt", offset: 2, limit: 2 });
    expect(text).toBe("a.txt, lines 2-3:\n2\t2\n3\t3\n[more lines follow: read on with offset 4]");
    expect((await bench.call("Read", { path: "a.txt", offset: 3, limit: 2 })).text).toContain("[end of file]");
    expect((await bench.call("Read", { path: "a.txt", offset: 9 })).text).toBe("a.txt has fewer than 9 lines");
  });

  test("FT-18: a huge file costs only what is asked of it", async () => {
    put("huge", `${"x".repeat(99)}\n`.repeat(100_000));
    const { text } = await bench.call("Read", { path: "huge" });
    expect(text.length).toBeLessThan(60_000);
    expect(text).toMatch(/\[more lines follow: read on with offset \d+\]$/);
    const { text: line } = await bench.call("Read", { path: put("line", "y".repeat(5_000_000)) });
    expect(line.length).toBeLessThan(2_200);
  });

  test.each([
    ["a FIFO", () => execFileSync("mkfifo", [join(bench.root, "it")])],
    ["a directory", () => mkdirSync(join(bench.root, "it"))],
    ["a device", () => symlinkSync("/dev/zero", join(bench.root, "it"))],
    ["a binary file", () => put("it", Buffer.from([1, 0, 2]))],
    ["a loop of links", () => symlinkSync("it", join(bench.root, "it"))],
  ])("FT-08: %s is refused at once", async (_name, make) => {
    make();
    expect((await bench.call("Read", { path: "it" })).isError).toBe(true);
  });

  test.each(["a\0b", "~/x", "file:///etc/passwd", ""])("FT-02: %j is no path", async (path) => {
    await expect(bench.call("Read", { path })).rejects.toThrow();
  });

  test("the same argument under two names must be the same", async () => {
    put("a", "x");
    await expect(bench.call("Read", { path: "a", file_path: "b" })).rejects.toThrow("given twice");
    expect((await bench.call("Read", { path: "a", file_path: "a" })).isError).toBe(false);
  });
});

describe("Write", () => {
  test("creates parents, and the file is then this session's own", async () => {
    const result = await bench.call("Write", { path: "new/deep/a.txt", content: "one\ntwo\n" });
    expect(result).toEqual({
      text: "created new/deep/a.txt: 2 lines added, 0 removed",
      isError: false,
      changes: [{ path: "new/deep/a.txt", kind: "created", addedLines: 2, removedLines: 0 }],
    });
    expect(get("new/deep/a.txt")).toBe("one\ntwo\n");
    expect(bench.files.isOwned(join(bench.root, "new/deep/a.txt"))).toBe(true);
    expect(readdirSync(join(bench.root, "new/deep"))).toEqual(["a.txt"]);
  });

  test("an existing file must have been read, and be unchanged since", async () => {
    const path = put("a.txt", "old\n");
    const write = () => bench.call("Write", { path: "a.txt", content: "new\n" });
    expect((await write()).text).toContain("Read it first");
    await bench.call("Read", { path: "a.txt" });
    writeFileSync(path, "else\n");
    expect((await write()).text).toContain("changed since");
    expect(get("a.txt")).toBe("else\n");
    await bench.call("Read", { path: "a.txt" });
    expect((await write()).changes).toEqual([{ path: "a.txt", kind: "changed", addedLines: 1, removedLines: 1 }]);
    expect((await write()).isError).toBe(false);
    expect(bench.files.isOwned(path)).toBe(false);
  });

  test("FT-10: mode is kept, a link stays a link, and no rest is left", async () => {
    const path = put("real.sh", "old");
    chmodSync(path, 0o750);
    symlinkSync("real.sh", join(bench.root, "link.sh"));
    await bench.call("Read", { path: "link.sh" });
    await bench.call("Write", { path: "link.sh", content: "new" });
    expect(get("real.sh")).toBe("new");
    expect(statSync(path).mode & 0o777).toBe(0o750);
    expect(lstatSync(join(bench.root, "link.sh")).isSymbolicLink()).toBe(true);
    expect(readdirSync(bench.root).sort()).toEqual(["link.sh", "real.sh"]);
  });

  test("new content does not take over the setuid, setgid and sticky bits of the old", async () => {
    const path = put("tool", "old");
    chmodSync(path, 0o7755);
    await bench.call("Read", { path: "tool" });
    await bench.call("Write", { path: "tool", content: "new" });
    expect(get("tool")).toBe("new");
    expect(statSync(path).mode & 0o7777).toBe(0o755);
  });

  test("a change within the same size and time is still seen", async () => {
    const path = put("a.txt", "aaaa");
    await bench.call("Read", { path: "a.txt" });
    const { atime, mtime } = statSync(path);
    writeFileSync(path, "bbbb");
    utimesSync(path, atime, mtime);
    expect((await bench.call("Write", { path: "a.txt", content: "x" })).isError).toBe(true);
  });

  test("FT-16: a path that leads elsewhere than what was decided on is refused", async () => {
    const outside = join(bench.directory, "outside");
    mkdirSync(outside);
    mkdirSync(join(bench.root, "sub"));
    const input = { path: "sub/a.txt", content: "x" };
    const assessment = await bench.assess("Write", input);
    rmSync(join(bench.root, "sub"), { recursive: true });
    symlinkSync(outside, join(bench.root, "sub"));
    const result = await writeTool.execute(input, bench.context(assessment));
    expect(result.text).toContain("not what was decided on");
    expect(readdirSync(outside)).toEqual([]);
  });

  test("FT-04: while a link is swapped in and out, nothing is written outside", async () => {
    const outside = join(bench.directory, "outside");
    mkdirSync(outside);
    const sub = join(bench.root, "sub");
    const kept = join(bench.root, "kept");
    mkdirSync(sub);
    const quietly = (act: () => void): void => {
      try {
        act();
      } catch {
        // the tool made or moved something first
      }
    };
    let isSwapping = true;
    const swap = (async () => {
      while (isSwapping) {
        quietly(() => renameSync(sub, kept));
        quietly(() => symlinkSync(outside, sub));
        await new Promise(setImmediate);
        quietly(() => rmSync(sub, { recursive: true }));
        quietly(() => renameSync(kept, sub));
        await new Promise(setImmediate);
      }
    })();
    const inside = { effect: "local-mutation" as const, commands: [], subject: "" };
    for (let index = 0; index < 200; index++) {
      const path = `sub/${index}`;
      const assessment = { ...inside, paths: [{ path: join(sub, `${index}`), access: "write" as const }] };
      await writeTool.execute({ path, content: "x" }, bench.context(assessment));
    }
    isSwapping = false;
    await swap;
    expect(readdirSync(outside)).toEqual([]);
  });
});

describe("Edit", () => {
  test("FT-09: bytes outside the edit stay: CRLF, byte order mark, missing last newline", async () => {
    put("a.txt", "\ufeffone\r\ntwo\nthree");
    const result = await bench.call("Edit", { path: "a.txt", edits: [{ oldText: "two", newText: "2\n2" }] });
    expect(result.changes).toEqual([{ path: "a.txt", kind: "changed", addedLines: 2, removedLines: 1 }]);
    expect(get("a.txt")).toBe("\ufeffone\r\n2\r\n2\nthree");
  });

  test("several replacements happen in order, or none does", async () => {
    put("a.txt", "a b c");
    const failedEdit = await bench.call("Edit", {
      path: "a.txt",
      edits: [
        { oldText: "a", newText: "x" },
        { oldText: "nothing", newText: "y" },
      ],
    });
    expect(failedEdit.text).toBe("a.txt: oldText of edit 2 was not found; nothing was changed");
    expect(get("a.txt")).toBe("a b c");
    await bench.call("Edit", {
      path: "a.txt",
      edits: [
        { oldText: "a", newText: "x" },
        { oldText: "x b", newText: "z$&" },
      ],
    });
    expect(get("a.txt")).toBe("z$& c");
  });

  test("an ambiguous text is refused with its lines, unless all are meant", async () => {
    put("a.txt", "x\ny\nx\n");
    const { text } = await bench.call("Edit", { path: "a.txt", old_string: "x", new_string: "z" });
    expect(text).toContain("occurs 2 times, at lines 1, 3");
    await bench.call("Edit", { path: "a.txt", old_string: "x", new_string: "z", replace_all: true });
    expect(get("a.txt")).toBe("z\ny\nz\n");
  });

  test("a file that was read and has changed since is refused; one never read is not", async () => {
    const path = put("a.txt", "one");
    expect((await bench.call("Edit", { path: "a.txt", edits: [{ oldText: "one", newText: "two" }] })).isError).toBe(
      false,
    );
    writeFileSync(path, "three two");
    expect((await bench.call("Edit", { path: "a.txt", edits: [{ oldText: "two", newText: "x" }] })).text).toContain(
      "Read it again",
    );
  });

  test("what is not UTF-8 is left alone", async () => {
    const bytes = Buffer.from([0x61, 0xff, 0x62]);
    const path = put("latin", bytes);
    expect((await bench.call("Edit", { path: "latin", edits: [{ oldText: "a", newText: "x" }] })).isError).toBe(true);
    expect(readFileSync(path)).toEqual(bytes);
  });
});

describe("Delete", () => {
  test("takes a file, a link itself, and a directory only when told to", async () => {
    put("dir/a.txt", "1\n2\n");
    put("target", "x");
    symlinkSync("target", join(bench.root, "link"));
    expect((await bench.call("Delete", { path: "dir" })).text).toContain("set recursive");
    expect((await bench.call("Delete", { path: "link" })).isError).toBe(false);
    expect((await bench.call("Delete", { path: "dir", recursive: true })).changes).toEqual([
      { path: "dir/a.txt", kind: "deleted", addedLines: 0, removedLines: 2 },
    ]);
    expect(readdirSync(bench.root)).toEqual(["target"]);
  });

  test.each([".", "", "..", "./x/.."])("the project and what holds it stay: %j", async (path) => {
    put("a", "");
    const attempt = bench.call("Delete", { path, recursive: true }).catch(() => ({ isError: true }));
    expect((await attempt).isError).toBe(true);
    expect(readdirSync(bench.root)).toEqual(["a"]);
  });

  test("a protected file deep inside saves its whole tree", async () => {
    put("dir/a", "");
    put("dir/sub/keep", "");
    bench.guard = { check: (path) => (path.endsWith("keep") ? { kind: "deny", rule: "kept" } : { kind: "allow" }) };
    expect((await bench.call("Delete", { path: "dir", recursive: true })).text).toContain("nothing was deleted");
    expect(readdirSync(join(bench.root, "dir"))).toEqual(["a", "sub"]);
  });

  test("a directory named with the replacement character is deleted as any other", async () => {
    put("dir/\ufffd/a", "");
    expect((await bench.call("Delete", { path: "dir", recursive: true })).isError).toBe(false);
    expect(readdirSync(bench.root)).toEqual([]);
  });

  test("a deleted file is no longer this session's own", async () => {
    await bench.call("Write", { path: "a", content: "" });
    await bench.call("Delete", { path: "a" });
    expect(bench.files.owned()).toEqual(new Set());
  });
});

describe("every file tool", () => {
  test.each([
    ["Read", { path: "kept" }],
    ["Write", { path: "kept", content: "x" }],
    ["Edit", { path: "kept", edits: [{ oldText: "k", newText: "x" }] }],
    ["Delete", { path: "kept" }],
    ["List", { path: "kept" }],
    ["Glob", { pattern: "**", path: "kept" }],
    ["Grep", { pattern: "k", path: "kept" }],
  ])("%s asks the guard before it touches anything", async (name, input) => {
    put("kept", "k");
    bench.guard = { check: (path) => (path.endsWith("kept") ? { kind: "deny", rule: "the list" } : { kind: "allow" }) };
    expect(await bench.call(name, input)).toEqual({ text: "kept is protected: the list", isError: true });
    expect(get("kept")).toBe("k");
    expect(bench.runner.requests).toEqual([]);
  });

  test.each(oddNames)("FT-17: works with the name %j", async (name) => {
    await bench.call("Write", { path: `dir/${name}`, content: "needle\n" });
    expect(get(`dir/${name}`)).toBe("needle\n");
    expect((await bench.call("Read", { path: `dir/${name}` })).text).toContain("1\tneedle");
    expect((await bench.call("Glob", { pattern: "dir/*" })).text).toBe(
      name.includes("\n") ? JSON.stringify(`dir/${name}`) : `dir/${name}`,
    );
    expect((await bench.call("Grep", { pattern: "needle", path: `dir/${name}` })).text).toContain(":1:needle");
    expect((await bench.call("List", { path: "dir" })).text.split("\n")).toHaveLength(2);
    await bench.call("Edit", { path: `dir/${name}`, edits: [{ oldText: "needle", newText: "pin" }] });
    expect((await bench.call("Delete", { path: `dir/${name}` })).text).toContain("deleted");
    expect(readdirSync(bench.root)).toEqual(["dir"]);
    expect(readdirSync(join(bench.root, "dir"))).toEqual([]);
  });

  test("a missing file is told in words", async () => {
    expect((await bench.call("Read", { path: "none" })).text).toBe("none: there is no such file or directory (ENOENT)");
  });

  test("an abort is not an answer", async () => {
    put("a", "x");
    await expect(bench.call("Read", { path: "a" }, { signal: AbortSignal.abort() })).rejects.toThrow();
  });
});

describe("List", () => {
  test("directories come first, links are marked, guarded entries named", async () => {
    put("b.txt", "");
    put(".hidden", "");
    put("dir/x", "");
    symlinkSync("b.txt", join(bench.root, "a-link"));
    bench.guard = { check: (path) => (path.endsWith(".hidden") ? { kind: "deny", rule: "x" } : { kind: "allow" }) };
    expect((await bench.call("List", {})).text).toBe(".:\ndir/\n.hidden [protected]\na-link@\nb.txt");
  });

  test("a long directory is cut with a count", async () => {
    for (let index = 0; index < 450; index++) put(`many/${index}`, "");
    expect((await bench.call("List", { path: "many" })).text).toMatch(/\[50 more entries; use Glob\]$/);
  });
});

describe("Glob and Grep", () => {
  beforeEach(() => {
    put("src/a.ts", "const needle = 1;\nother\n");
    put("src/deep/b.ts", "// Needle\n");
    put("ignored/c.ts", "needle\n");
    put(".gitignore", "ignored/\n");
    put(".github/x.yml", "needle: 1\n");
    put(".git/config", "needle\n");
    put("secret.ts", "needle\n");
    bench.guard = { check: (path) => (path.endsWith("secret.ts") ? { kind: "deny", rule: "x" } : { kind: "allow" }) };
  });

  test("a directory that is not there, or is none, is a failure, not an empty answer", async () => {
    for (const name of ["Glob", "Grep"]) {
      expect(await bench.call(name, { pattern: "x", path: "missing" })).toMatchObject({ isError: true });
    }
    expect((await bench.call("Glob", { pattern: "*", path: "src/a.ts" })).text).toContain("is a file");
  });

  test.each([
    ["**/*.ts", "src/a.ts\nsrc/deep/b.ts"],
    ["*.ts", "no file matches *.ts in ."],
    ["src/*.{ts,js}", "src/a.ts"],
    ["./src/**/b.*", "src/deep/b.ts"],
    [".github/*", ".github/x.yml"],
  ])("FT-07: Glob %s leaves out what is ignored or guarded", async (pattern, expected) => {
    expect((await bench.call("Glob", { pattern })).text).toBe(expected);
  });

  test.each(["../*", "/etc/*", "!x", "a/../../b", "**/a/**/b/**/c/**/d", "*a*b*c*d"])(
    "FT-12: the pattern %s is refused",
    async (pattern) => {
      await expect(bench.call("Glob", { pattern })).rejects.toThrow();
    },
  );

  test("FT-12: an allowed pattern is quick on a hostile name", async () => {
    put(`hostile/${"a".repeat(250)}`, "");
    expect((await bench.call("Glob", { pattern: "**/*a*a*b" })).isError).toBe(false);
  });

  test("Grep gives path, line and text, without what is ignored or guarded", async () => {
    expect((await bench.call("Grep", { pattern: "needle" })).text).toBe(
      ".github/x.yml:1:needle: 1\nsrc/a.ts:1:const needle = 1;",
    );
    expect((await bench.call("Grep", { pattern: "needle", ignoreCase: true, output: "files", path: "src" })).text).toBe(
      "src/a.ts\nsrc/deep/b.ts",
    );
    expect((await bench.call("Grep", { pattern: "needle", glob: "*.ts", context: 1 })).text).toBe(
      "src/a.ts:1:const needle = 1;\nsrc/a.ts-2-other",
    );
    expect((await bench.call("Grep", { pattern: "a(b", isLiteral: true })).text).toBe("no match for a(b in .");
  });

  test("a bad expression is told, and a pattern is never an option", async () => {
    expect((await bench.call("Grep", { pattern: "a(b" })).text).toContain("regex parse error");
    expect((await bench.call("Grep", { pattern: "--pre=touch" })).text).toContain("no match");
  });

  test("searches run read-only, and the bundled program without its configuration", async () => {
    await bench.call("Grep", { pattern: "x" });
    expect(bench.runner.requests.map(({ isReadOnly }) => isReadOnly)).toEqual([true]);
    expect(bench.runner.requests[0]?.command).toContain("'--no-config'");
  });
});

describe("Bash", () => {
  test("gives output and exit code", async () => {
    expect(await bench.call("Bash", { command: "echo a; echo b >&2" })).toMatchObject({
      text: "a\nb",
      isError: false,
      exitCode: 0,
    });
    expect(await bench.call("run_command", { cmd: "exit 3" })).toEqual({
      text: "(no output)\n[exit code 3]",
      isError: true,
      exitCode: 3,
    });
  });

  test("a time-out keeps what came before it", async () => {
    const { text, isError } = await bench.call("Bash", { command: "echo a; sleep 20", timeoutMs: 300 });
    expect({ text, isError }).toEqual({ text: "a\n[stopped after 300 ms]", isError: true });
  });

  test("what the sandbox refused is appended, and cannot be forged by output", async () => {
    using refusing = new ToolBench({ violations: ["network: evil.test:443 is not allowed"] });
    const { text } = await refusing.call("Bash", { command: "echo '<sandbox_violations>'" });
    expect(text).toBe(
      "&lt;sandbox_violations>\n<sandbox_violations>\n- network: evil.test:443 is not allowed\n</sandbox_violations>",
    );
  });

  test("long output keeps its head and its tail", async () => {
    const { text } = await bench.call("Bash", { command: "seq 1 20000" });
    expect(text.length).toBeLessThan(31_000);
    expect(text.startsWith("1\n2\n")).toBe(true);
    expect(text.endsWith("\n20000")).toBe(true);
  });

  test.each([
    ["auto", "git status", true],
    ["auto", "touch x", false],
    ["plan", "touch x", true],
  ] as const)("in %s mode %j runs with the project read-only: %s", async (mode, command, isReadOnly) => {
    bench.mode = mode;
    await bench.call("Bash", { command });
    expect(bench.runner.requests.at(-1)?.isReadOnly).toBe(isReadOnly);
  });

  test("BC-33: paths are told with their links resolved", async () => {
    symlinkSync("/etc", join(bench.root, "innocent"));
    const { paths } = await bench.assess("Bash", { command: "cat innocent/shadow" });
    expect(paths).toEqual([{ path: "/etc/shadow", access: "read" }]);
  });

  test("a hard link to the old content keeps it when the file is replaced", async () => {
    const path = put("a", "old");
    linkSync(path, join(bench.root, "b"));
    await bench.call("Read", { path: "a" });
    await bench.call("Write", { path: "a", content: "new" });
    expect(get("b")).toBe("old");
  });
});
