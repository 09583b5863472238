import { join } from "node:path";
import type { SandboxRuntimeConfig } from "@anthropic-ai/sandbox-runtime";
import type { Place } from "./job.ts";
import { need } from "./start-command.ts";

const INSTALL = "apt-get install bubblewrap ripgrep socat";

/** The same task as Koda's: the project writable, one host, the secrets of the home hidden. Throws what to type when a tool of its is missing. */
export function toSrtSettings({ project, home }: Place): SandboxRuntimeConfig {
  for (const program of ["bwrap", "rg", "socat"]) need(program, INSTALL);
  return {
    network: { allowedDomains: ["example.com"], deniedDomains: [] },
    filesystem: {
      denyRead: [".aws", ".npmrc", ".ssh"].map((name) => join(home, name)),
      allowWrite: [project],
      denyWrite: [],
    },
  };
}
