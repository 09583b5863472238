import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { OpenPeer } from "../opened-peer.ts";
import { toSrtSettings } from "../srt-settings.ts";
import { prefixPeer } from "../start-command.ts";

/** `srt --settings FILE COMMAND`. */
export const open: OpenPeer = async (place) => {
  const settingsPath = join(place.scratch, "srt-settings.json");
  writeFileSync(settingsPath, JSON.stringify(toSrtSettings(place)));
  const program = fileURLToPath(new URL("./cli.js", import.meta.resolve("@anthropic-ai/sandbox-runtime")));
  return prefixPeer([process.execPath, program, "--settings", settingsPath], {
    env: { ...process.env, TMPDIR: place.scratch }, // it leaves its sockets behind
  });
};
