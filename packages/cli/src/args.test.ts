import { describe, expect, test } from "vitest";
import { parseArgs } from "./args.ts";
import { CliError } from "./errors.ts";
import type { SessionFlags } from "./invocation.ts";

const flagsOf = (...argv: string[]): SessionFlags => {
  const invocation = parseArgs(argv);
  if (invocation.kind !== "session") throw new Error(`not a session: ${invocation.kind}`);
  return invocation.options;
};

describe("parseArgs", () => {
  test("no words open an interactive session", () => {
    expect(flagsOf()).toMatchObject({ outputFormat: "text", continue: false, allow: [] });
    expect(flagsOf().prompt).toBeUndefined();
  });

  test("every session flag arrives with its type", () => {
    const words = ["-p", "hi", "--output-format", "json", "--model", "m", "--base-url", "http://[::1]:1/v1"];
    const more = [
      "--mode",
      "plan",
      "--resume",
      "abc",
      "--max-turns",
      "3",
      "--allow",
      "a.test",
      "--allow",
      "b.test:8080",
    ];
    expect(flagsOf(...words, ...more)).toMatchObject({
      prompt: "hi",
      outputFormat: "json",
      model: "m",
      baseUrl: "http://[::1]:1/v1",
      mode: "plan",
      resume: "abc",
      maxTurns: 3,
      allow: ["a.test", "b.test:8080"],
    });
  });

  test("ports are named with this machine's first, and one stands for both", () => {
    expect(flagsOf("--host-port", "5432", "--publish", "8080:3000", "--publish", "3001")).toMatchObject({
      hostPort: [{ hostPort: 5432, sandboxPort: 5432 }],
      publish: [
        { hostPort: 8080, sandboxPort: 3000 },
        { hostPort: 3001, sandboxPort: 3001 },
      ],
    });
  });

  test("a prompt may look like a command or a flag value", () => {
    expect(flagsOf("-p", "demo").prompt).toBe("demo");
    expect(flagsOf("-p", "-").prompt).toBe("-");
  });

  test.each([
    [["--output-format", "xml"], "text, json, stream-json"],
    [["--mode", "yolo"], "plan, safe, auto"],
    [["--max-turns", "0"], "from 1 up"],
    [["--max-turns", "many"], "from 1 up"],
    [["--proxy-port", "70000"], "65535"],
    [["--host-port", "db:5432"], "HOST:SANDBOX"],
    [["--host-port", "1:2:3"], "HOST:SANDBOX"],
    [["--publish", "0:3000"], "from 1 to 65535"],
    [["--base-url", "ftp://x"], "http or https"],
    [["--nonsense"], "--nonsense"],
    [["frobnicate"], "frobnicate"],
    [["-p"], "argument missing"],
    [["--resume", "a", "--continue"], "exclude each other"],
    [["--mode", "plan", "sessions"], "--mode does not go with koda sessions"],
    [["fix", "the", "bug"], "-p"],
    [["deny", "x.test", "--private"], "--private"],
    [["mcp", "add", "-e", "novalue", "x", "cmd"], "NAME=value"],
  ])("%j is a usage error that names what is wrong", (argv, words) => {
    expect(() => parseArgs(argv)).toThrow(CliError);
    expect(() => parseArgs(argv)).toThrow(words);
  });

  test.each([
    [["demo"], { kind: "demo" }],
    [["doctor", "--json"], { kind: "doctor", isJson: true }],
    [["sessions"], { kind: "sessions", action: { kind: "list" }, isJson: false }],
    [
      ["sessions", "show", "abc", "--json"],
      { kind: "sessions", action: { kind: "show", session: "abc" }, isJson: true },
    ],
    [["sessions", "fork", "a"], { kind: "sessions", action: { kind: "fork", session: "a", at: null }, isJson: false }],
    [["sessions", "rm", "abc"], { kind: "sessions", action: { kind: "remove", session: "abc" }, isJson: false }],
    [["export", "abc", "-o", "f"], { kind: "export", session: "abc", output: "f" }],
    [["import", "-"], { kind: "import", file: "-", isJson: false }],
    [["attach"], { kind: "attach", session: null, isJson: false }],
    [["audit", "--json"], { kind: "audit", session: null, isJson: true }],
    [["cost"], { kind: "cost", by: "model", sinceMs: null, session: null, isJson: false }],
    [
      ["cost", "--by", "day", "--since", "2026-01-31", "--session", "a", "--json"],
      { kind: "cost", by: "day", sinceMs: Date.UTC(2026, 0, 31), session: "a", isJson: true },
    ],
    [["hooks", "list"], { kind: "hooks", change: { kind: "list", isJson: false } }],
    [["hooks", "remove", "x"], { kind: "hooks", change: { kind: "remove", name: "x" } }],
    [["egress", "abc"], { kind: "egress", session: "abc", isJson: false }],
    [["allow"], { kind: "host-rule", verdict: "allow", change: { kind: "list" } }],
    [
      ["allow", "x.test", "--private"],
      { kind: "host-rule", verdict: "allow", change: { kind: "add", pattern: "x.test", isPrivate: true } },
    ],
    [
      ["deny", "x.test", "--remove"],
      { kind: "host-rule", verdict: "deny", change: { kind: "remove", pattern: "x.test" } },
    ],
    [["--version"], { kind: "version" }],
    [["mcp", "list"], { kind: "mcp", change: { kind: "list" } }],
  ])("%j chooses its command", (argv, invocation) => {
    expect(parseArgs(argv)).toEqual(invocation);
  });

  test("an MCP server's own flags reach it untouched", () => {
    expect(parseArgs(["mcp", "add", "-e", "A=b=c", "files", "npx", "-y", "server", "--root", "/x"])).toEqual({
      kind: "mcp",
      change: { kind: "add", name: "files", command: "npx", args: ["-y", "server", "--root", "/x"], env: { A: "b=c" } },
    });
  });

  test("`--` before an MCP server's command is no part of it", () => {
    expect(parseArgs(["mcp", "add", "files", "--", "npx", "-y", "server", "--", "x"])).toMatchObject({
      change: { name: "files", command: "npx", args: ["-y", "server", "--", "x"] },
    });
    expect(() => parseArgs(["mcp", "add", "files", "--"])).toThrow(CliError);
  });

  test.each([[["help", "mcp"]], [["mcp", "help"]], [["mcp", "--help"]]])("%j shows the help of a command", (argv) => {
    expect(parseArgs(argv)).toMatchObject({ kind: "help", text: expect.stringContaining("Usage: koda mcp") });
  });

  test("help tells the modes and the exit status", () => {
    const help = parseArgs(["--help"]);
    expect(help).toMatchObject({ kind: "help", text: expect.stringContaining("130 cancelled") });
    expect(help).toMatchObject({ text: expect.stringContaining("mounted read-only") });
  });
});
