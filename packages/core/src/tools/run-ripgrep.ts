import { shellQuote } from "./shell-quote.ts";
import type { ToolContext } from "./tool.ts";

const timeoutMs = 30_000;
/** The most output taken from ripgrep before it is stopped. */
const maxOutputLength = 4 * 1024 * 1024;

/** `absent`: there is no ripgrep where commands run. */
export type RipgrepResult =
  | { readonly kind: "output"; readonly stdout: string; readonly isCut: boolean }
  | { readonly kind: "failure"; readonly message: string }
  | { readonly kind: "absent" };

/**
 * Runs ripgrep in `directory` (absolute) through the session's Runner, so it is confined and cannot write.
 * No configuration file is read and no link followed. Finding nothing is empty output.
 */
export async function runRipgrep(
  directory: string,
  args: readonly string[],
  context: ToolContext,
): Promise<RipgrepResult> {
  const stdout = new BoundedText(maxOutputLength);
  const stderr = new BoundedText(4_000);
  const command = ripgrepCommand(directory, args, await bundledRipgrep());
  const result = await context.runner.run(
    {
      callId: context.callId,
      command,
      timeoutMs,
      isReadOnly: true,
      onOutput: (chunk) => (chunk.stream === "stdout" ? stdout : stderr).add(chunk.text),
    },
    { signal: context.signal },
  );
  if (result.isTimedOut) return { kind: "failure", message: `the search took longer than ${timeoutMs / 1000} s` };
  if (result.exitCode === 127) return { kind: "absent" };
  const isFound = result.exitCode === 0 || result.exitCode === 1 || stdout.text !== "";
  if (!isFound) return { kind: "failure", message: stderr.text.trim() || result.output.trim() || "ripgrep failed" };
  return { kind: "output", stdout: stdout.text, isCut: stdout.isCut };
}

/** The command line: the bundled program, or one on the sandbox's PATH; status 127 when there is neither. */
export function ripgrepCommand(directory: string, args: readonly string[], bundled: string | null): string {
  const words = ["--no-config", "--color=never", ...args].map(shellQuote).join(" ");
  const choose = bundled === null ? "rg=rg" : `rg=${shellQuote(bundled)}; [ -x "$rg" ] || rg=rg`;
  return `cd -- ${shellQuote(directory)} && { ${choose}; "$rg" ${words} </dev/null; }`;
}

async function bundledRipgrep(): Promise<string | null> {
  try {
    return (await import("@vscode/ripgrep")).rgPath;
  } catch {
    return null; // it throws where its package for this platform is not installed
  }
}

class BoundedText {
  readonly #maxLength: number;
  text = "";
  isCut = false;

  constructor(maxLength: number) {
    this.#maxLength = maxLength;
  }

  add(piece: string): void {
    const room = this.#maxLength - this.text.length;
    this.isCut ||= piece.length > room;
    this.text += piece.slice(0, Math.max(0, room));
  }
}
