import { fileURLToPath } from "node:url";
import type { OpenPeer } from "../opened-peer.ts";
import { prefixPeer } from "../start-command.ts";

/** `koda-sandbox run -- COMMAND`, built. */
export const open: OpenPeer = async () => {
  const program = fileURLToPath(new URL("../bin/koda-sandbox.js", import.meta.resolve("@koda/sandbox")));
  return prefixPeer([process.execPath, program, "run", "--"]);
};
