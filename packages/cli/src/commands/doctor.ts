import { runDoctor } from "@koda/sandbox";
import { type ExitCode, exitCode } from "../exit-code.ts";
import type { Io } from "../io.ts";

/** `koda doctor`: every rule of the sandbox, tried live on this machine. */
export async function runDoctorCommand(options: { readonly isJson: boolean }, io: Io): Promise<ExitCode> {
  const isHealthy = (await runDoctor({ isJson: options.isJson, stdout: io.stdout, environment: io.environment })) === 0;
  return isHealthy ? exitCode.done : exitCode.error;
}
