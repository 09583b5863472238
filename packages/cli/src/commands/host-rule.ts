import { createFilter, findBroadRules } from "@koda/sandbox";
import { openStore } from "../compose/open-store.ts";
import { loadConfig } from "../config/load-config.ts";
import { type ExitCode, exitCode } from "../exit-code.ts";
import type { HostRuleChange } from "../invocation.ts";
import type { Io } from "../io.ts";
import { escapeLine } from "../render/escape-text.ts";

/** `koda allow` and `koda deny`: the project's own host rules, on top of the built-in list. Deny wins. */
export async function changeHostRules(
  request: { readonly verdict: "allow" | "deny"; readonly change: HostRuleChange },
  io: Io,
): Promise<ExitCode> {
  const config = loadConfig({ flags: {}, environment: io.environment, cwd: io.cwd });
  using store = openStore(config);
  const { change } = request;
  switch (change.kind) {
    case "list":
      for (const rule of store.listHostRules(config.projectRoot)) io.stdout.write(`${rule.verdict} ${rule.pattern}\n`);
      break;
    case "remove": {
      const isGone = store.removeHostRule(config.projectRoot, change.pattern);
      io.stderr.write(
        isGone ? `Forgot ${change.pattern}\n` : `No rule for ${change.pattern} in ${config.projectRoot}\n`,
      );
      return isGone ? exitCode.done : exitCode.error;
    }
    case "add": {
      createFilter({ allow: [change.pattern] }); // a bad pattern is refused here, not at the next session
      const verdict = request.verdict === "allow" && change.isPrivate ? "allow-private" : request.verdict;
      store.addHostRule(config.projectRoot, { verdict, pattern: change.pattern }, Date.now());
      io.stderr.write(`${verdict} ${change.pattern}, in ${config.projectRoot}\n`);
      if (verdict === "deny") break;
      for (const { rule, problem } of await findBroadRules({ allow: [change.pattern] })) {
        io.stderr.write(`koda: warning: ${escapeLine(rule)}: ${problem}\n`);
      }
      break;
    }
    default:
      change satisfies never;
  }
  return exitCode.done;
}
