import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Screen, TerminalOptions } from "./screen.ts";

const run = promisify(execFile);

export async function hasTmux(): Promise<boolean> {
  try {
    await run("tmux", ["-V"]);
    return true;
  } catch {
    return false; // not installed: the pseudo-terminal of `script` serves
  }
}

/** A tmux server of its own, gone when disposed. */
export async function openTmuxScreen({ command, cwd, environment, columns, rows }: TerminalOptions): Promise<Screen> {
  const dir = await mkdtemp(join(tmpdir(), "koda-tmux-"));
  const config = join(dir, "tmux.conf");
  await writeFile(
    config,
    'set -g remain-on-exit on\nset -g history-limit 5000\nset -g default-terminal "screen-256color"\n',
  );
  const tmux = async (...args: readonly string[]): Promise<string> =>
    (await run("tmux", ["-S", join(dir, "socket"), "-f", config, ...args])).stdout;
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  const program = ["env", "-i", "TERM=screen-256color", ...variables, ...command];
  await tmux("new-session", "-d", "-s", "t", "-c", cwd, "-x", String(columns), "-y", String(rows), "--", ...program);
  return {
    send: async (bytes) => {
      await tmux("send-keys", "-t", "t", "-H", ...[...Buffer.from(bytes)].map((byte) => byte.toString(16)));
    },
    read: () => tmux("capture-pane", "-p", "-J", "-t", "t", "-S", "-5000"),
    exitCode: async () => {
      const [isDead, status] = (
        await tmux("display-message", "-p", "-t", "t", "#{pane_dead} #{pane_dead_status}")
      ).split(" ");
      return isDead === "1" ? Number(status) : null;
    },
    async [Symbol.asyncDispose]() {
      await tmux("kill-server");
      await rm(dir, { recursive: true, force: true });
    },
  };
}
