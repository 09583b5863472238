import { closeSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createPolicy } from "@koda/sandbox";
import { seccompProgram } from "../../packages/sandbox/dist/linux/seccomp/seccomp-program.js";
import type { Place } from "./job.ts";
import { toPolicyInput } from "./koda-policy.ts";
import type { OpenedPeer } from "./opened-peer.ts";
import { sameWalls } from "./same-walls.ts";
import { need, startCommand } from "./start-command.ts";

/** Plain bubblewrap with the walls that Koda has: the least that they cost when nothing is kept from one command to the next. */
export async function openBubblewrap(place: Place, options: { readonly hasOwnNetwork: boolean }): Promise<OpenedPeer> {
  const bwrap = need("bwrap", "apt-get install bubblewrap");
  const { args, emptyDescriptors } = sameWalls(createPolicy(toPolicyInput(place)), options);
  const filterPath = join(place.scratch, "seccomp-filter");
  writeFileSync(filterPath, seccompProgram(process.arch));
  const empty = openSync("/dev/null", "r");
  return {
    run: async (command) => {
      const filter = openSync(filterPath, "r"); // anew: its position is shared with whoever reads it
      const descriptors = [filter, ...Array.from({ length: emptyDescriptors }, () => empty)];
      const ended = startCommand(bwrap, [...args, "--", ...command], { cwd: "/", descriptors });
      closeSync(filter);
      await ended;
    },
    [Symbol.asyncDispose]: async () => closeSync(empty),
  };
}
