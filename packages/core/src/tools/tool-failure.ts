import type { ToolResult } from "./tool.ts";

/** A failure that the model reads and can act on. */
export function failed(message: string): ToolResult {
  return { text: message, isError: true };
}

/** Runs `act`; what the system refuses (missing file, no permission, full disk) becomes a failure naming `subject`. Bugs and aborts pass. */
export async function withSystemErrors(subject: string, act: () => Promise<ToolResult>): Promise<ToolResult> {
  try {
    return await act();
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === null) throw error;
    return failed(`${subject}: ${sentences[code] ?? "the system refused it"} (${code})`);
  }
}

/** `ENOENT` and the like; null for anything that is not a system error. */
export function systemErrorCode(error: unknown): string | null {
  if (!(error instanceof Error) || !("syscall" in error) || !("code" in error)) return null;
  return typeof error.code === "string" ? error.code : null;
}

const sentences: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or directory",
  ENOTDIR: "a part of the path is a file, not a directory",
  EISDIR: "it is a directory, not a file",
  EACCES: "permission denied",
  EPERM: "operation not permitted",
  EROFS: "the file system is read-only",
  ENOSPC: "no space is left on the disk",
  EDQUOT: "the disk quota is used up",
  ELOOP: "its links form a loop",
  ENAMETOOLONG: "the name is too long",
  ENOTEMPTY: "the directory is not empty",
  EMFILE: "too many files are open",
};
