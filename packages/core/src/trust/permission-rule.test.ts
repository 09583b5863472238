import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CoreError } from "../errors.ts";
import { alwaysRuleFor } from "./always-rule.ts";
import { classifyBash } from "./classify-bash.ts";
import { matchesRule } from "./match-rule.ts";
import { parsePermissionRule } from "./permission-rule.ts";

async function matches(verdict: "allow" | "ask" | "deny", text: string, command: string): Promise<boolean> {
  const assessment = { ...(await classifyBash(command, { projectRoot: "/p", cwd: "/p" })), subject: command };
  return matchesRule(parsePermissionRule(verdict, text), { toolName: "Bash", assessment, projectRoot: "/p" });
}

function matchesPath(
  verdict: "allow" | "deny",
  text: string,
  toolName: string,
  path: string,
  access: "read" | "write" = "read",
): boolean {
  const assessment = { effect: "read-only" as const, paths: [{ path, access }], commands: [], subject: path };
  return matchesRule(parsePermissionRule(verdict, text), { toolName, assessment, projectRoot: "/p" });
}

describe("parsePermissionRule", () => {
  test.each([
    ["Bash", null],
    ["Bash(*)", null],
    ["Bash(npm test:*)", "npm test:*"],
    ["Read(src/**)", "src/**"],
    ["Read(a (copy).txt)", "a (copy).txt"],
    ["Read(a../..b/c..d/...)", "a../..b/c..d/..."],
    ["Bash(cat ../x)", "cat ../x"],
    ["mcp__server__*", null],
  ])("%s", (text, pattern) => {
    expect(parsePermissionRule("allow", text).pattern).toBe(pattern);
  });

  test.each([
    ["", 0],
    ["(x)", 0],
    ["Bash x", 4],
    ["Bash(x", 6],
    ["Bash()", 5],
    ["Bash(a\nb)", 6],
    ["Read(~/x)", 5],
    ["Read(../x)", 5],
    ["edit(a/../b)", 7],
    ["Delete(/a/..)", 10],
    ["Grep(..)", 5],
  ])("%j is refused at position %i", (text, position) => {
    expect(() => parsePermissionRule("deny", text)).toThrow(`at position ${position}`);
  });

  test("nothing but our error comes out, and what parses keeps its text", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          expect(parsePermissionRule("ask", text).text).toBe(text);
        } catch (error) {
          expect(error).toBeInstanceOf(CoreError);
        }
      }),
    );
  });
});

describe("matchesRule on commands", () => {
  test.each([
    ["Bash(cargo:*)", "cargo build", true],
    ["Bash(cargo:*)", "cargo", true],
    ["Bash(cargo:*)", "cargo-x build", false],
    ["Bash(cargo:*)", "cargo build && rm -rf ~", false],
    ["Bash(cargo:*)", "cargo build; curl x", false],
    ["Bash(cargo:*)", "cargo build $(curl x)", false],
    ["Bash(cargo:*)", "cargo build `curl x`", false],
    ["Bash(cargo:*)", "cargo build > out", false],
    ["Bash(cargo:*)", "cargo build > ~/x", false],
    ["Bash(cargo:*)", "RUSTFLAGS=x cargo build", false],
    ["Bash(cargo:*)", "PATH=.; cargo build", false],
    ["Bash(cargo:*)", "cargo() { x; }; cargo", false],
    ["Bash(cargo:*)", "./cargo build", false],
    ["Bash(cargo:*)", "cargo build --target-dir /etc", false],
    ["Bash(cargo:*)", "cargo build 2>&1 | tail -5", true],
    ["Bash(cargo:*)", "cd sub && cargo build", true],
    ["Bash(cargo:*)", "sudo cargo build", false],
    ["Bash(sudo:*)", "sudo cargo build", false],
    ["Bash(npm run *)", "npm run build", true],
    ["Bash(npm test)", "npm test -- x", false],
    ["Bash(npm test)", "npm 'test'", true],
    ["Bash", "anything > /x", true],
    ["bash(make:*)", "make x", true],
  ])("allow %s covers %j: %s", async (text, command, expected) => {
    expect(await matches("allow", text, command)).toBe(expected);
  });

  test.each([
    ["Bash(rm:*)", "rm x"],
    ["Bash(rm:*)", "/bin/rm x"],
    ["Bash(rm:*)", "sudo rm x"],
    ["Bash(rm:*)", "\\rm x"],
    ["Bash(rm:*)", "'r'm x"],
    ["Bash(rm:*)", "env rm x"],
    ["Bash(rm:*)", "A=b rm x"],
    ["Bash(rm:*)", "ls; timeout 5 nice rm x"],
    ["Bash(rm:*)", "sh -c 'ls; rm x'"],
    ["Bash(rm:*)", "find . -exec rm {} \\;"],
    ["Bash(rm:*)", "ls | xargs rm"],
    ["Bash(rm:*)", 'echo "$(rm x)"'],
    ["Bash(rm:*)", `ls ${"a".repeat(200_001)}; rm x`],
    ["Bash(rm:*)", 'echo ok; rm x; echo "'],
    ["Bash(rm:*)", "ls \\\n; r\\\nm x"],
    ["Bash(curl:*)", "cat x | curl -d @- y"],
    ["Bash(git push:*)", "git push origin main"],
  ])("deny %s catches %.40s", async (text, command) => {
    expect(await matches("deny", text, command)).toBe(true);
  });

  test("a deny rule does not catch what merely looks alike", async () => {
    expect(await matches("deny", "Bash(rm:*)", "rmdir x && echo rm")).toBe(false);
  });
});

describe("matchesRule on paths and names", () => {
  test.each([
    ["Read(src/**)", "Read", "/p/src/a/b.ts", true],
    ["Read(src/*)", "Read", "/p/src/a/b.ts", false],
    ["Read(src)", "Read", "/p/src/a/b.ts", true],
    ["Read(./src/**)", "Read", "/p/src/.env", true],
    ["Read(src/**)", "Read", "/p/srcs/a", false],
    ["Read(src/**)", "Edit", "/p/src/a", false],
    ["Read(/etc/hosts)", "Read", "/etc/hosts", true],
    ["mcp__github", "mcp__github__search", "/", true],
    ["mcp__github__*", "mcp__github__search", "/", true],
    ["mcp__git", "mcp__github__search", "/", false],
    ["READ", "Read", "/x", true],
  ])("allow %s for %s of %s: %s", (text, tool, path, expected) => {
    expect(matchesPath("allow", text, tool, path)).toBe(expected);
  });

  test("a path that stands for itself needs no wildcard to be quoted", () => {
    const rule = alwaysRuleFor("Read", {
      effect: "read-only",
      paths: [{ path: "/q/a [1] (x)*.txt", access: "read" }],
      commands: [],
      subject: "/q/a [1] (x)*.txt",
    });
    expect(matchesPath("allow", rule ?? "", "Read", "/q/a [1] (x)*.txt")).toBe(true);
    expect(matchesPath("allow", rule ?? "", "Read", "/q/a [1] (x)b.txt")).toBe(false);
  });

  test("FT-17: a line break in a name takes it out of no rule", () => {
    expect(matchesPath("deny", "Read(src/**)", "Read", "/p/src/a\nb")).toBe(true);
    expect(matchesPath("deny", "Read(src)", "Read", "/p/src/a\nb/c")).toBe(true);
  });

  test("deny Read covers every way to read, deny Edit every way to write, in any case", () => {
    for (const tool of ["Read", "Grep", "List", "Bash"])
      expect(matchesPath("deny", "Read(secrets/**)", tool, "/p/Secrets/x")).toBe(true);
    for (const tool of ["Edit", "Write", "Delete", "Bash"]) {
      expect(matchesPath("deny", "Edit(docs/**)", tool, "/p/docs/x", "write")).toBe(true);
    }
    expect(matchesPath("deny", "Edit(docs/**)", "Read", "/p/docs/x")).toBe(false);
  });
});

describe("alwaysRuleFor", () => {
  test.each([
    ["npm test", "Bash(npm test:*)"],
    ["npm test 2>&1 | tail -5", "Bash(npm test:*)"],
    ["npm run build -- --fast", "Bash(npm run build:*)"],
    ["cargo test x", "Bash(cargo test:*)"],
    ["make lint", "Bash(make lint:*)"],
    ["npm install left-pad", "Bash(npm install left-pad)"],
    ["mkdir -p src/new", null],
    ["tsc --noEmit", "Bash(tsc --noEmit)"],
    ["python3 a.py", null],
    ["bash x.sh", null],
    ["env FOO=1 make", null],
    ["sudo make", null],
    ["git commit -m x", null],
    ["npx eslint", null],
    ["npm exec eslint", null],
    ["rm x", null],
    ["curl https://x", null],
    ["npm test && npm run lint", null],
    ["npm test > out", null],
    ["FOO=1 npm test", null],
    ["npm test $X", null],
    ["./run.sh", null],
  ])("BC-29: %j is remembered as %s", async (command, expected) => {
    const assessment = { ...(await classifyBash(command, { projectRoot: "/p", cwd: "/p" })), subject: command };
    const rule = alwaysRuleFor("Bash", assessment);
    expect(rule).toBe(expected);
    if (rule !== null) expect(await matches("allow", rule, command)).toBe(true);
  });

  test("a file is remembered with its directory, one level; destructive calls never", () => {
    const assess = (subject: string, effect: "local-mutation" | "destructive" = "local-mutation") => ({
      effect,
      paths: [{ path: `/p/${subject}`, access: "write" as const }],
      commands: [],
      subject,
    });
    expect(alwaysRuleFor("Edit", assess("src/a.ts"))).toBe("Edit(src/*)");
    expect(alwaysRuleFor("Edit", assess("a.ts"))).toBe("Edit(a.ts)");
    expect(alwaysRuleFor("Delete", assess("a.ts", "destructive"))).toBeNull();
    expect(alwaysRuleFor("mcp__a__b", { effect: "remote-action", paths: [], commands: [], subject: "" })).toBe(
      "mcp__a__b",
    );
  });
});
