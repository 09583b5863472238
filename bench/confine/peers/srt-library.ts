import { SandboxManager } from "@anthropic-ai/sandbox-runtime";
import type { OpenPeer } from "../opened-peer.ts";
import { toSrtSettings } from "../srt-settings.ts";
import { startCommand } from "../start-command.ts";

/** `initialize` once, then `wrapWithSandbox` for every command, started through a shell as that package's README does. */
export const open: OpenPeer = async (place) => {
  process.env["TMPDIR"] = place.scratch; // it leaves its sockets behind
  await SandboxManager.initialize(toSrtSettings(place));
  let running = 0;
  return {
    run: async (command) => {
      running += 1;
      try {
        const wrapped = await SandboxManager.wrapWithSandbox(command.map(quote).join(" "));
        await startCommand(wrapped, [], { shell: true });
      } finally {
        running -= 1;
        if (running === 0) SandboxManager.cleanupAfterCommand(); // it takes the mount points of those that still run
      }
    },
    [Symbol.asyncDispose]: () => SandboxManager.reset(),
  };
};

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
