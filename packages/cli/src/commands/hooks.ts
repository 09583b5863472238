import { type HookRecord, parseHookRecord } from "@koda/core";
import { openStore } from "../compose/open-store.ts";
import { loadConfig } from "../config/load-config.ts";
import { type ExitCode, exitCode } from "../exit-code.ts";
import type { HookChange } from "../invocation.ts";
import type { Io } from "../io.ts";
import { escapeLine } from "../render/escape-text.ts";
import { toJsonLine } from "../render/to-json-line.ts";

/** `koda hooks`: which commands the sessions of this project run, and when. Only the user can say so: no file of the project can. */
export function changeHooks(change: HookChange, io: Io): ExitCode {
  const config = loadConfig({ flags: {}, environment: io.environment, cwd: io.cwd });
  const { projectRoot } = config;
  using store = openStore(config);
  switch (change.kind) {
    case "list": {
      const hooks = store.listHooks(projectRoot);
      if (change.isJson) io.stdout.write(toJsonLine(hooks));
      else for (const hook of hooks) io.stdout.write(`${toLine(hook)}\n`);
      return exitCode.done;
    }
    case "remove":
      if (store.removeHook(projectRoot, change.name)) return exitCode.done;
      io.stderr.write(`koda: no hook is called ${escapeLine(change.name)} in ${projectRoot}\n`);
      return exitCode.error;
    case "add": {
      const record = toRecord(change);
      parseHookRecord(record); // a bad one is refused here, not at the next session
      store.addHook(projectRoot, record, Date.now());
      io.stderr.write(`Hook ${escapeLine(record.name)} runs from the next session on, in ${projectRoot}\n`);
      return exitCode.done;
    }
    default:
      return change satisfies never;
  }
}

function toRecord({
  kind: _,
  tool,
  pathGlob,
  commandPattern,
  ...hook
}: Extract<HookChange, { kind: "add" }>): HookRecord {
  const conditions = Object.entries({ tool, pathGlob, commandPattern }).filter(([, value]) => value !== null);
  return { ...hook, matcherJson: JSON.stringify(Object.fromEntries(conditions)) };
}

function toLine({ name, event, role, timeoutMs, matcherJson, command }: HookRecord): string {
  const conditions = matcherJson === "{}" ? "" : `  ${matcherJson}`;
  return escapeLine(`${name}  ${event}  ${role}  ${timeoutMs / 1_000} s${conditions}  ${command}`);
}
