import type { Column } from "../table.ts";

/** A way to run commands: a column, and a module of the same name in `peers/`. */
export interface Peer extends Column {
  /** `limit` is no sandbox, `plain` is bubblewrap alone. */
  readonly kind: "limit" | "plain" | "npm" | "koda";
  /** What it is measured in: commands from a process that stays, a whole program for each, or opening. */
  readonly works: readonly Work[];
}

export type Work = "command" | "program" | "open";

/** In the order of the table. */
export const PEERS: readonly Peer[] = [
  { id: "none", title: "no sandbox", kind: "limit", works: ["command"] },
  { id: "bwrap", title: "bubblewrap, same walls, no network namespace", kind: "plain", works: ["command"] },
  { id: "bwrap-net", title: "bubblewrap, same walls", kind: "plain", works: ["command"] },
  { id: "bwrap-flags", title: "bubblewrap, usual flags", kind: "plain", works: ["command"] },
  { id: "koda", title: "Koda", kind: "koda", works: ["command", "open"] },
  { id: "koda-program", title: "koda-sandbox", kind: "koda", works: ["program"] },
  { id: "srt-library", title: "sandbox-runtime", kind: "npm", works: ["command", "open"] },
  { id: "srt", title: "srt", kind: "npm", works: ["program"] },
  { id: "codex", title: "codex sandbox, native", kind: "npm", works: ["command"] },
  { id: "codex-program", title: "codex sandbox", kind: "npm", works: ["program"] },
];
