import { spawn, spawnSync } from "node:child_process";
import { dirname, isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** A failure whose message is all that the user needs. */
export class BootstrapError extends Error {}

export const say = (line) => process.stderr.write(`${line}\n`);

/** Runs to the end with stdout sent to stderr, so that what we hand over to owns stdout alone. */
export function run(command, args, { failure, env = process.env } = {}) {
  const result = spawnSync(command, args, { cwd: root, env, stdio: ["ignore", 2, 2] });
  if (result.status === 0) return;
  const detail = result.error ? ` (${result.error.message})` : "";
  throw new BootstrapError(`${failure ?? `${command} ${args.join(" ")} failed`}${detail}`);
}

/** Becomes the given program as far as Node can: same terminal, same signals, same exit status. */
export function runAndExit(command, args, { cwd }) {
  const program =
    isAbsolute(args[0] ?? "") || args[0]?.startsWith("-") ? args : [join(root, args[0]), ...args.slice(1)];
  const child = spawn(command, command.endsWith("pnpm") ? args : program, { cwd, stdio: "inherit" });
  // The terminal sends Ctrl-C to the whole group; a signal sent to us alone is passed on.
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  process.on("SIGINT", () => undefined); // stays, to pass on how the program ends
  child.on("error", (error) => {
    say(`koda: cannot start ${command}: ${error.message}`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 1)));
}
