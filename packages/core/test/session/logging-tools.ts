import { appendFileSync } from "node:fs";
import type { Tool } from "../../src/tools/tool.ts";
import { createProbeTool } from "../fakes/probe-tool.ts";

/**
 * `Look` (read-only), `Change` (a local mutation) and `Drop` (destructive, so that it is asked about). Each run leaves a line
 * in `log`, before `onRun` is told of it.
 */
export function createLoggingTools(log: string, onRun: (line: string) => void = () => undefined): readonly Tool[] {
  const effects = { Look: "read-only", Change: "local-mutation", Drop: "destructive" } as const;
  return Object.entries(effects).map(([name, effect]) =>
    createProbeTool({
      name,
      effect,
      execute: ({ value }) => {
        appendFileSync(log, `${name} ${value}\n`);
        onRun(`${name} ${value}`);
        return { text: `${name} ${value}: done`, isError: false };
      },
    }),
  );
}
