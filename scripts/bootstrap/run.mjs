import { spawn, spawnSync } from "node:child_process";
import { constants } from "node:os";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** A failure whose message is all that the user needs. */
export class BootstrapError extends Error {}

export const say = (line) => process.stderr.write(`${line}\n`);

/** Runs to the end. What it prints is shown, on stderr, only when it fails: what we hand over to owns stdout alone. */
export function run(command, args, { failure }) {
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 64 * 1024 * 1024,
  });
  if (result.status === 0) return;
  process.stderr.write(`${result.stdout ?? ""}${result.stderr ?? ""}`);
  const detail = result.error ? ` (${result.error.message})` : "";
  throw new BootstrapError(`${failure}${detail}`);
}

/** Becomes the given program as far as Node can: same terminal, same signals, same exit status. */
export function runAndExit(command, args, { cwd = root } = {}) {
  const child = spawn(command, args, { cwd, stdio: "inherit" });
  // The terminal sends Ctrl-C to the whole group; a signal sent to us alone is passed on.
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  process.on("SIGINT", () => undefined); // stays, to pass on how the program ends
  child.on("error", (error) => {
    say(`koda: cannot start ${command}: ${error.message}`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}
