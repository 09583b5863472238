import { describe, expect, test } from "vitest";
import type { CallAssessment } from "../tools/tool.ts";
import type { ToolEffect } from "../tools/tool-effect.ts";
import { type CallQuestion, decideCall } from "./decide-call.ts";
import type { Decision } from "./decision.ts";
import { parsePermissionRule } from "./permission-rule.ts";
import { type TrustMode, trustModes } from "./trust-mode.ts";

function decide(
  question: Partial<Omit<CallQuestion, "assessment">> & { readonly assessment?: Partial<CallAssessment> },
): Decision {
  return decideCall({
    toolName: "Edit",
    mode: "auto",
    enforcement: "kernel",
    rules: [],
    projectRoot: "/p",
    ownedFiles: new Set(),
    pathGuard: { check: () => ({ kind: "allow" }) },
    ...question,
    assessment: { effect: "local-mutation", paths: [], commands: [], subject: "", ...question.assessment },
  });
}

const rule = (verdict: "allow" | "ask" | "deny", text: string) => parsePermissionRule(verdict, text);
const bash = (command: string, effect: ToolEffect = "local-mutation") => ({
  effect,
  commands: [command],
  subject: command,
});

describe("decideCall", () => {
  test.each<[string, ToolEffect, string | null, readonly Decision["kind"][]]>([
    ["read-only", "read-only", "/p/a", ["run", "run", "run"]],
    ["local mutation inside", "local-mutation", "/p/a", ["block", "ask", "run"]],
    ["remote action", "remote-action", null, ["block", "ask", "run"]],
    ["destructive", "destructive", "/p/a", ["block", "ask", "ask"]],
    ["read outside", "read-only", "/etc/hosts", ["block", "ask", "run"]],
    ["mutation outside", "local-mutation", "/q/a", ["block", "ask", "ask"]],
    ["FT-01: a sibling with the same prefix is outside", "local-mutation", "/p-evil/a", ["block", "ask", "ask"]],
    ["the parent is outside", "local-mutation", "/", ["block", "ask", "ask"]],
  ])("the table: %s", (_name, effect, path, kinds) => {
    const access = effect === "read-only" ? ("read" as const) : ("write" as const);
    const paths = path === null ? [] : [{ path, access }];
    expect(trustModes.map((mode) => decide({ mode, assessment: { effect, paths } }).kind)).toEqual(kinds);
  });

  test("deleting a file that this session created asks nobody, but Plan blocks it", () => {
    const assessment = { effect: "destructive" as const, paths: [{ path: "/p/a", access: "write" as const }] };
    const kinds = (ownedFiles: ReadonlySet<string>) =>
      trustModes.map((mode) => decide({ toolName: "Delete", mode, assessment, ownedFiles }).kind);
    expect(kinds(new Set(["/p/a"]))).toEqual(["block", "run", "run"]);
    expect(kinds(new Set(["/p/b"]))).toEqual(["block", "ask", "ask"]);
    expect(decide({ toolName: "Bash", assessment, ownedFiles: new Set(["/p/a"]) }).kind).toBe("ask");
  });

  test.each<[TrustMode]>([["plan"], ["safe"], ["auto"]])(
    "a guarded path blocks in %s mode, for reading too, whatever the rules",
    (mode) => {
      const decision = decide({
        toolName: "Read",
        mode,
        rules: [rule("allow", "Read")],
        assessment: { effect: "read-only", paths: [{ path: "/p/.env", access: "read" }] },
        pathGuard: { check: (path) => (path === "/p/.env" ? { kind: "deny", rule: "secrets" } : { kind: "allow" }) },
      });
      expect(decision).toEqual({ kind: "block", reason: "/p/.env is protected: secrets" });
    },
  );

  test.each<[TrustMode, "kernel" | "env-only" | "none", Decision["kind"]]>([
    ["safe", "kernel", "run"],
    ["safe", "env-only", "ask"],
    ["safe", "none", "ask"],
    ["plan", "none", "ask"],
    ["auto", "none", "ask"],
  ])("a read-only command in %s mode with enforcement %s: %s", (mode, enforcement, kind) => {
    const rules = enforcement === "kernel" ? [] : [rule("allow", "Bash")];
    expect(decide({ toolName: "Bash", mode, enforcement, rules, assessment: bash("ls", "read-only") }).kind).toBe(kind);
  });

  test("deny wins over ask, ask over allow, in any order of the rules", () => {
    const rules = [rule("allow", "Bash(npm:*)"), rule("ask", "Bash(npm run:*)"), rule("deny", "Bash(npm run evil)")];
    const kind = (command: string, all = rules) =>
      decide({ toolName: "Bash", mode: "safe", rules: all, assessment: bash(command) }).kind;
    for (const all of [rules, rules.toReversed()]) {
      expect(kind("npm test", all)).toBe("run");
      expect(kind("npm run build", all)).toBe("ask");
      expect(kind("npm run evil", all)).toBe("block");
    }
  });

  test("an ask rule makes a question of what would run", () => {
    expect(decide({ rules: [rule("ask", "Edit")] })).toEqual({ kind: "ask", reason: "the rule ask Edit" });
  });

  test("no allow rule lifts what Plan mode blocks", () => {
    expect(
      decide({ toolName: "Bash", mode: "plan", rules: [rule("allow", "Bash")], assessment: bash("npm test") }).kind,
    ).toBe("block");
  });

  test("several allow rules cover a line together, and the read-only rest needs none", () => {
    const assessment = {
      effect: "local-mutation" as const,
      commands: ["npm test", "npm run lint", "tail -5"],
      readOnlyCommands: ["tail -5"],
      subject: "npm test && npm run lint | tail -5",
    };
    const kind = (...texts: readonly string[]) =>
      decide({ toolName: "Bash", mode: "safe", assessment, rules: texts.map((text) => rule("allow", text)) }).kind;
    expect(kind("Bash(npm test)", "Bash(npm run lint)")).toBe("run");
    expect(kind("Bash(npm test)")).toBe("ask");
  });

  test("Auto reads outside unasked only because the kernel confines", () => {
    const assessment = {
      effect: "read-only" as const,
      paths: [{ path: "/usr/include/stdio.h", access: "read" as const }],
    };
    const kind = (enforcement: "kernel" | "env-only") => decide({ toolName: "Read", enforcement, assessment }).kind;
    expect([kind("kernel"), kind("env-only")]).toEqual(["run", "ask"]);
  });

  test("a confined command's own /tmp is not outside; a file tool's is", () => {
    const assessment = { paths: [{ path: "/tmp/x", access: "write" as const }], commands: ["touch /tmp/x"] };
    expect(decide({ toolName: "Bash", assessment }).kind).toBe("run");
    expect(decide({ toolName: "Write", assessment }).kind).toBe("ask");
  });

  test("the reason names the row", () => {
    expect(decide({ mode: "safe", assessment: { reason: "make is not known to only read" } }).reason).toBe(
      "safe mode, changes files: make is not known to only read",
    );
  });
});
