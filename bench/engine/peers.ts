import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Column } from "../table.ts";

/** An engine to measure. */
export interface Peer extends Column {
  readonly kind: "koda" | "npm";
  /** The package that has to be there; null for Koda's own. */
  readonly needs: string | null;
}

/** Koda in memory comes first: the others keep nothing on disk, so it is what they are compared with. */
export const PEERS: readonly Peer[] = [
  { id: "koda-memory", title: "Koda, store in memory", kind: "koda", needs: null },
  { id: "koda", title: "Koda, SQLite on disk", kind: "koda", needs: null },
  { id: "ai", title: "ai", kind: "npm", needs: "ai" },
  { id: "openai-agents", title: "@openai/agents-core", kind: "npm", needs: "@openai/agents-core" },
  { id: "pi", title: "pi-agent-core", kind: "npm", needs: "@mariozechner/pi-agent-core" },
];

/** Ignored by git: with all that they bring they take 200 MB, so no install of Koda's brings them. */
const directory = fileURLToPath(new URL("../../.toolchain/engine-peers/", import.meta.url));

export const PEERS_INSTALL =
  "npm install --prefix .toolchain/engine-peers --ignore-scripts ai@7.0.172 @openai/agents-core@0.20.0 @mariozechner/pi-agent-core@0.73.1 zod@4";

/** A file of an installed peer, for import. @throws {Error} with what to do, when it is not there. */
export function findPeerFile(path: string): string {
  const file = `${directory}node_modules/${path}`;
  if (!existsSync(file)) throw new Error(`not installed: ${PEERS_INSTALL}`);
  return file;
}
