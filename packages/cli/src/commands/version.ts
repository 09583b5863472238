import { readFileSync } from "node:fs";
import { type ExitCode, exitCode } from "../exit-code.ts";
import type { Io } from "../io.ts";

/** `koda --version`. */
export function printVersion(io: Io): ExitCode {
  const manifest: { version: string } = JSON.parse(
    readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
  );
  io.stdout.write(`koda ${manifest.version}\n`);
  return exitCode.done;
}
