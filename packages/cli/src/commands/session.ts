import { fstatSync } from "node:fs";
import { CliError } from "../errors.ts";
import { type ExitCode, exitCode } from "../exit-code.ts";
import type { SessionFlags } from "../invocation.ts";
import type { Io } from "../io.ts";

/** `koda` and `koda -p`: headless with a prompt or a pipe, interactive on a terminal. */
export async function runSession(flags: SessionFlags, io: Io): Promise<ExitCode> {
  const prompt = await readPrompt(flags, io);
  if (prompt !== null) {
    // An empty pipe asks for nothing, and gets it.
    if (prompt.trim() === "") return exitCode.done;
    return (await import("./run.ts")).runHeadless(flags, prompt, io);
  }
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
  for await (const chunk of io.stdin) chunks.push(Buffer.from(chunk));
  clearTimeout(notice);
  return Buffer.concat(chunks).toString("utf8");
}
