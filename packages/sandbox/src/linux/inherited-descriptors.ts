import { closeSync, readdirSync, readFileSync } from "node:fs";

const FIRST_BEYOND_STDIO = 3;
const O_CLOEXEC = 0o2000000; // fcntl.h; the flags line of fdinfo is octal, see proc_pid_fdinfo(5)

/**
 * Descriptors of this process that a child would inherit: left open by whoever started it. Node marks its own close-on-exec.
 * A confined command that inherits one can use it whatever is mounted over its path.
 */
export function inheritedDescriptors(): readonly number[] {
  return readdirSync("/proc/self/fd")
    .map(Number)
    .filter((descriptor) => descriptor >= FIRST_BEYOND_STDIO && isInherited(descriptor));
}

/**
 * Closes them in this process, which is for programs of our own: then no command needs a shell around it that does. The channel of a parent that is
 * Node stays. Does nothing where there is no `/proc`.
 */
export function closeInherited(): void {
  if (process.platform !== "linux") return;
  const channel = process.channel && "fd" in process.channel ? process.channel.fd : null;
  for (const descriptor of inheritedDescriptors()) if (descriptor !== channel) closeSync(descriptor);
}

/** Prefixes a command with a shell that closes `descriptors` first. Node cannot do that itself. Unchanged when there are none. */
export function withoutDescriptors(
  command: readonly [string, ...string[]],
  descriptors: readonly number[],
  bash: string,
): readonly [string, ...string[]] {
  if (descriptors.length === 0) return command;
  const close = descriptors.map((descriptor) => `${descriptor}<&-`).join(" ");
  return [bash, "--noprofile", "--norc", "-c", `exec ${close}; exec "$@"`, "koda", ...command];
}

function isInherited(descriptor: number): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, "utf8"))?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & O_CLOEXEC) === 0;
  } catch {
    return false; // closed meanwhile: it was the descriptor of the directory listing
  }
}
