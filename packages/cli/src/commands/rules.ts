import { type PermissionRuleRecord, parsePermissionRule } from "@koda/core";
import { openStore } from "../compose/open-store.ts";
import { loadConfig } from "../config/load-config.ts";
import { type ExitCode, exitCode } from "../exit-code.ts";
import type { RuleChange } from "../invocation.ts";
import type { Io } from "../io.ts";
import { escapeLine } from "../render/escape-text.ts";
import { toJsonLine } from "../render/to-json-line.ts";

/** `koda rules`: what calls may do in this project, in every session. Only the user can say so: no file of the project can. */
export function changeRules(change: RuleChange, io: Io): ExitCode {
  const config = loadConfig({ flags: {}, environment: io.environment, cwd: io.cwd });
  const { projectRoot } = config;
  using store = openStore(config);
  switch (change.kind) {
    case "list": {
      const rules = store.listPermissionRules(projectRoot);
      if (change.isJson) io.stdout.write(toJsonLine(rules));
      else for (const rule of rules) io.stdout.write(`${toLine(rule)}\n`);
      return exitCode.done;
    }
    case "remove": {
      const found = store.listPermissionRules(projectRoot).filter(({ text }) => text === change.text);
      for (const rule of found) {
        store.removePermissionRule(projectRoot, rule);
        io.stderr.write(`Forgot ${toLine(rule)}\n`);
      }
      if (found.length > 0) return exitCode.done;
      io.stderr.write(`koda: no rule ${escapeLine(change.text)} in ${projectRoot}\n`);
      return exitCode.error;
    }
    case "add": {
      const { verdict, text } = change;
      parsePermissionRule(verdict, text); // a bad one is refused here, not at the next session
      store.addPermissionRule(projectRoot, { verdict, text }, Date.now());
      io.stderr.write(`${toLine({ verdict, text })}, in ${projectRoot}\n`);
      return exitCode.done;
    }
    default:
      return change satisfies never;
  }
}

const toLine = ({ verdict, text }: PermissionRuleRecord): string => `${verdict} ${escapeLine(text)}`;
