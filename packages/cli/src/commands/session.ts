import { fstatSync } from "node:fs";
import { CliError } from "../errors.ts";
import { type ExitCode, exitCode } from "../exit-code.ts";
import type { SessionFlags } from "../invocation.ts";
import type { Io } from "../io.ts";

/** `koda` and `koda -p`: headless with a prompt or a pipe, interactive on a terminal. */
export async function runSession(flags: SessionFlags, io: Io): Promise<ExitCode> {
  if (flags.unfinished && !(io.stdin.isTTY && io.stdout.isTTY && flags.outputFormat === "text")) {
    return (await import("./run.ts")).runHeadless(flags, null, io);
  }
  const prompt = flags.unfinished ? null : await readPrompt(flags, io);
  if (prompt?.trim() === "") {
    // A pipe with nothing in it asks for nothing: no model is called, and a person can see why.
    io.stderr.write("koda: standard input is empty, so there is nothing to do\n");
    return exitCode.done;
  }
  if (prompt !== null) return (await import("./run.ts")).runHeadless(flags, prompt, io);
  if (!io.stdout.isTTY) throw new CliError("not_a_terminal", 'stdout is no terminal; give a prompt with -p "…"');
  return (await import("./interactive.ts")).runInteractive(flags, io);
}

/** Null means: ask a person. With `-p TEXT` and a pipe, the piped text follows the prompt. */
async function readPrompt(flags: SessionFlags, io: Io): Promise<string | null> {
  if (flags.prompt === "-") return readAll(io);
  if (flags.prompt === undefined) {
    if (!io.stdin.isTTY) return readAll(io);
    if (flags.outputFormat !== "text")
      throw new CliError("usage", "--output-format needs a prompt: -p PROMPT, or a pipe");
    return null;
  }
  if (flags.prompt.trim() === "") throw new CliError("usage", "the prompt is empty");
  const piped = isShellPipe(io) ? await readAll(io) : "";
  return piped.trim() === "" ? flags.prompt : `${flags.prompt}\n\n<stdin>\n${piped}\n</stdin>`;
}

/**
 * True for `… | koda -p` and `koda -p < file`. A parent that spawns us with its own stdin often never closes it (Node's
 * are sockets, terminals and /dev/null are devices), and a prompt that was given must not wait for that.
 */
function isShellPipe(io: Io): boolean {
  const stats = fstatSync(io.stdin.fd, { throwIfNoEntry: false });
  return stats !== undefined && (stats.isFIFO() || stats.isFile());
}

async function readAll(io: Io): Promise<string> {
  const notice = setTimeout(() => io.stderr.write("koda: reading standard input …\n"), 2_000);
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of io.stdin) {
      bytes += chunk.length;
      if (bytes > maxStdinBytes) throw new CliError("usage", "standard input is longer than 10 MB");
      chunks.push(Buffer.from(chunk));
    }
  } finally {
    clearTimeout(notice);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Far above the context window of any model; bounds what an endless pipe can take. */
const maxStdinBytes = 10_000_000;
