import { spawn } from "node:child_process";
import { once } from "node:events";
import xterm from "@xterm/headless";
import type { Screen, TerminalOptions } from "./screen.ts";

/** A pseudo-terminal from util-linux's `script`, and xterm.js without a window to read its screen. */
export async function openScriptScreen(options: TerminalOptions): Promise<Screen> {
  const { command, cwd, environment, columns, rows } = options;
  const emulator = new xterm.Terminal({ cols: columns, rows, scrollback: 5_000, allowProposedApi: true });
  const line = `stty cols ${columns} rows ${rows}; exec ${command.map(quote).join(" ")}`;
  const child = spawn("script", ["-qfec", line, "/dev/null"], {
    cwd,
    env: { TERM: "xterm-256color", SHELL: "/bin/sh", ...environment },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const closed = once(child, "close");
  await once(child, "spawn").catch((error: unknown) => {
    throw new Error("neither tmux nor script is installed. Type: apt-get install tmux (or the like)", { cause: error });
  });
  child.stdout.on("data", (chunk: Buffer) => emulator.write(chunk));
  return {
    send: (bytes) => new Promise((resolve) => child.stdin.write(bytes, () => resolve())),
    async read() {
      await new Promise<void>((resolve) => emulator.write("", resolve));
      return toText(emulator.buffer.active);
    },
    exitCode: async () => child.exitCode,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL"); // the program loses its terminal with it
      await closed;
      emulator.dispose();
    },
  };
}

/** Lines that were wrapped at the edge are joined, as a reader does. */
function toText(buffer: xterm.IBuffer): string {
  let text = "";
  for (let index = 0; index < buffer.length; index++) {
    const row = buffer.getLine(index);
    const isWrappedNext = buffer.getLine(index + 1)?.isWrapped === true;
    text += (row?.translateToString(!isWrappedNext) ?? "") + (isWrappedNext ? "" : "\n");
  }
  return text;
}

const quote = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;
