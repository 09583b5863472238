import fc from "fast-check";
import { expect, test } from "vitest";
import type { ToolEffect } from "../tools/tool-effect.ts";
import type { Decision } from "../trust/decision.ts";
import { type OutsideText, raiseDecision } from "./raise-decision.ts";

const run: Decision = { kind: "run", reason: "auto mode" };
const nothing: OutsideText = { external: null, suspicious: null };
const outside: OutsideText = { external: "WebFetch", suspicious: null };
const hostile: OutsideText = { external: "WebFetch", suspicious: { isExternal: true, what: "WebFetch: override" } };
const oddFile: OutsideText = { external: null, suspicious: { isExternal: false, what: "Read: override" } };

test.each<[string, OutsideText, ToolEffect, boolean, Decision["kind"]]>([
  ["nothing came in", nothing, "remote-action", false, "run"],
  ["text from outside", outside, "remote-action", false, "ask"],
  ["text from outside", outside, "remote-action", true, "run"],
  ["text from outside", outside, "local-mutation", false, "run"],
  ["text from outside", outside, "destructive", false, "run"],
  ["text from outside", outside, "read-only", false, "run"],
  ["orders from outside", hostile, "remote-action", true, "ask"],
  ["orders from outside", hostile, "local-mutation", true, "ask"],
  ["orders from outside", hostile, "destructive", true, "ask"],
  ["orders from outside", hostile, "read-only", false, "run"],
  ["orders in a file", oddFile, "remote-action", false, "ask"],
  ["orders in a file", oddFile, "remote-action", true, "run"],
  ["orders in a file", oddFile, "local-mutation", false, "run"],
])("after %s (%j), a call that is %s, by a rule %s: %s", (_, seen, effect, isAllowedByRule, kind) => {
  expect(raiseDecision(run, { effect, isAllowedByRule, seen }).kind).toBe(kind);
});

test("no decision becomes looser, and only one that runs changes", () => {
  const decision = fc.record({ kind: fc.constantFrom("run", "ask", "block"), reason: fc.string() });
  const effect = fc.constantFrom<ToolEffect>("read-only", "local-mutation", "remote-action", "destructive");
  fc.assert(
    fc.property(
      decision,
      effect,
      fc.boolean(),
      fc.constantFrom(nothing, outside, hostile, oddFile),
      (given, ofEffect, isAllowedByRule, seen) => {
        const raised = raiseDecision(given, { effect: ofEffect, isAllowedByRule, seen });
        if (given.kind === "run") expect(["run", "ask"]).toContain(raised.kind);
        else expect(raised).toBe(given);
      },
    ),
  );
});
