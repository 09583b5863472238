import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Codex, findCodex } from "./find-codex.ts";
import type { Place } from "./job.ts";
import type { OpenedPeer } from "./opened-peer.ts";
import { prefixPeer } from "./start-command.ts";

/** Its workspace profile: the project writable, no network. It needs neither a login nor a network for that. */
export async function openCodex(place: Place, toCommand: (codex: Codex) => readonly string[]): Promise<OpenedPeer> {
  const codexHome = join(place.scratch, "codex-home");
  mkdirSync(codexHome, { recursive: true });
  const environment = { ...process.env, CODEX_HOME: codexHome };
  return prefixPeer([...toCommand(findCodex()), "sandbox", "-P", ":workspace", "--"], { env: environment });
}
