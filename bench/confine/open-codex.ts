import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Codex, findCodex } from "./find-codex.ts";
import type { Place } from "./job.ts";
import type { OpenedPeer } from "./opened-peer.ts";
import { startCommand } from "./start-command.ts";

/**
 * The project writable, no network. It needs neither a login nor a network for that. Its own `:workspace` profile would open `/tmp`, too, and
 * put an empty `.git` and others there while a command runs, for every program of this machine to see.
 */
export async function openCodex(
  place: Place,
  toCommand: (codex: Codex) => readonly [string, ...string[]],
): Promise<OpenedPeer> {
  const [program, ...first] = toCommand(findCodex());
  const temporary = join(place.scratch, "codex-temporary"); // beside its homes: below one it would not start
  mkdirSync(temporary, { recursive: true });
  const idleHomes: string[] = [];
  let homes = 0;
  const makeHome = (): string => {
    homes += 1;
    const path = join(place.scratch, `codex-home-${homes}`);
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, "config.toml"), PROFILE);
    return path;
  };
  return {
    run: async (command) => {
      const home = idleHomes.pop() ?? makeHome(); // commands at once that share one tidy away each other's files
      const env = { ...process.env, CODEX_HOME: home, TMPDIR: temporary };
      await startCommand(program, [...first, "sandbox", "-P", "project", "--", ...command], { env });
      idleHomes.push(home);
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}

const PROFILE = '[permissions.project.filesystem]\n":root" = "read"\n":project_roots" = "write"\n';
