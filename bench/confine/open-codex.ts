import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Codex, findCodex } from "./find-codex.ts";
import type { Place } from "./job.ts";
import type { OpenedPeer } from "./opened-peer.ts";
import { startCommand } from "./start-command.ts";

/** Its workspace profile: the project writable, no network. It needs neither a login nor a network for that. */
export async function openCodex(
  place: Place,
  toCommand: (codex: Codex) => readonly [string, ...string[]],
): Promise<OpenedPeer> {
  const [program, ...first] = toCommand(findCodex());
  const idleHomes: string[] = [];
  let homes = 0;
  const makeHome = (): string => {
    homes += 1;
    const path = join(place.scratch, `codex-home-${homes}`);
    mkdirSync(path, { recursive: true });
    return path;
  };
  return {
    run: async (command) => {
      const home = idleHomes.pop() ?? makeHome(); // commands at once that share one tidy away each other's files
      const env = { ...process.env, CODEX_HOME: home };
      await startCommand(program, [...first, "sandbox", "-P", ":workspace", "--", ...command], { env });
      idleHomes.push(home);
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}
