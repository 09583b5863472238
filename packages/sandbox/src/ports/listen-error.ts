import { SandboxError } from "../errors.ts";

/** Why a port could not be opened, in words that say which side of it is meant and what would do. */
export function toListenError(failure: {
  readonly port: number;
  readonly side: "this machine" | "the sandbox";
  /** As the system names it. */
  readonly code: string;
  readonly cause: unknown;
}): SandboxError {
  const { port, side, code, cause } = failure;
  const where = `port ${port} of ${side}`;
  const why = REASONS[code] ?? `cannot be opened (${code || "no answer"})`;
  return new SandboxError("listen_failed", `${where} ${why}`, { cause });
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "is taken; name another on that side, as HOST:SANDBOX",
  EACCES: "is for privileged programs only; name one from 1024 on for that side, as HOST:SANDBOX",
};
